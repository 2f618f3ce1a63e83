// Draws a frame into a WebGL2 canvas: one texture, one colour table, one triangle. Values become colours in the shader,
// so a change of colours costs no round trip.

import type { Frame } from '../frame';
import type { ColormapName } from './colormap';
import { Programs } from './program';
import type { Variant } from './shaders';
import { ColourTable, FieldTexture } from './textures';
import { pixelBox, type Rect, type Size, type Viewport } from './viewport';

export type Rgb = readonly [number, number, number];

/** How to draw: everything but the data. */
export interface Look {
  view: Viewport;
  field: Size;
  colormap: ColormapName;
  inverted: boolean;
  log: boolean;
  range: readonly [number, number];
  cyclic: boolean;
  tiled: boolean;
  outside: Rgb;
  edge: Rgb;
}

const GRID_FROM_ZOOM = 14; // CSS pixels a cell
const NEAREST_FROM_ZOOM = 2; // device pixels a texel

export class FieldRenderer {
  private programs!: Programs;
  private texels!: FieldTexture;
  private colours!: ColourTable;
  private frame: Frame | null = null;

  /** Throws when the browser has no WebGL2. */
  static create(canvas: HTMLCanvasElement): FieldRenderer {
    const gl = canvas.getContext('webgl2', { alpha: false, antialias: false, depth: false });
    if (!gl) throw new Error('This browser offers no WebGL2.');
    return new FieldRenderer(gl);
  }

  private constructor(private readonly gl: WebGL2RenderingContext) {
    this.prepare();
  }

  /** At first, and after the context was lost and is back. */
  prepare(): void {
    const { gl } = this;
    this.programs = new Programs(gl);
    this.texels = new FieldTexture(gl);
    this.colours = new ColourTable(gl);
    gl.bindVertexArray(gl.createVertexArray());
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.enable(gl.SCISSOR_TEST);
  }

  /** Copies a frame into the texture. */
  upload(frame: Frame): void {
    this.frame = frame;
    if (frame.texels.byteLength > 0) this.texels.upload(frame);
  }

  clear(): void {
    this.frame = null;
  }

  draw(look: Look, pixelRatio: number): void {
    const { gl, frame } = this;
    const canvas: Size = [gl.canvas.width, gl.canvas.height];
    const view = { ...look.view, zoom: look.view.zoom * pixelRatio };
    gl.viewport(0, 0, ...canvas);
    this.fill([0, 0, ...canvas], look.outside);
    if (!frame) return;
    if (!look.tiled) {
      const [x, y, w, h] = pixelBox(view, canvas, [0, 0, ...look.field]);
      this.fill([x - 1, y - 1, w + 2, h + 2], look.edge);
      const waiting = look.outside.map((c, i) => 0.65 * c + 0.35 * look.edge[i]!);
      this.fill([x, y, w, h], waiting as unknown as Rgb); // in the field, not received yet
      if (!this.cut(pixelBox(view, canvas, frame.roi))) return;
    }
    this.paint(frame, look, view, canvas);
  }

  private paint(frame: Frame, look: Look, view: Viewport, canvas: Size): void {
    const { gl } = this;
    const cells = 2 ** frame.lod; // a texel's side
    const texelPixels = view.zoom * cells;
    const { at } = this.programs.use(variantFor(frame, look, texelPixels));
    this.colours.use(look.colormap, look.inverted);
    const first = (axis: 0 | 1) =>
      ((axis ? view.y : view.x) - frame.roi[axis]) / cells - canvas[axis] / 2 / texelPixels;
    gl.uniform2f(at('scaling'), frame.scale, frame.offset);
    gl.uniform2f(at('range'), look.range[0], look.range[1]);
    // Rows of pixels are counted from below.
    const bottom = first(1) + canvas[1] / texelPixels;
    gl.uniform4f(at('texel_from_pixel'), 1 / texelPixels, -1 / texelPixels, first(0), bottom);
    gl.uniform2i(at('last'), frame.width - 1, frame.height - 1);
    gl.uniform2f(at('field'), look.field[0] / cells, look.field[1] / cells);
    gl.uniform1f(at('cells'), cells);
    gl.uniform1f(at('pixel'), 1 / view.zoom);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  /** Limits drawing to a box of device pixels from the top left; false when none of it is on the canvas. */
  private cut([x, y, w, h]: Rect): boolean {
    const { gl } = this;
    gl.scissor(x, gl.canvas.height - y - h, Math.max(0, w), Math.max(0, h));
    return w > 0 && h > 0;
  }

  private fill(box: Rect, [r, g, b]: Rgb): void {
    this.cut(box);
    this.gl.clearColor(r, g, b, 1);
    this.gl.clear(this.gl.COLOR_BUFFER_BIT);
  }
}

/** `texelPixels`: device pixels a texel. */
function variantFor(frame: Frame, look: Look, texelPixels: number): Variant {
  return {
    codes: frame.type === 'u8',
    rgb: frame.channels >= 3,
    cyclic: look.cyclic,
    log: look.log && look.range[1] > 0,
    smooth: texelPixels < NEAREST_FROM_ZOOM && !look.cyclic,
    tiled: look.tiled,
    grid: look.view.zoom >= GRID_FROM_ZOOM,
  };
}
