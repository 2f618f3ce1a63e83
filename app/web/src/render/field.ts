// Draws a frame into a WebGL2 canvas: one texture, one colour table, one triangle. Values become colours in the shader,
// so a change of colours costs no round trip.

import type { Frame, TexelType } from '../frames';
import { lut, NAN_COLOUR, type ColormapName } from './colormap';
import { fragment, keyOf, type Variant, VERTEX } from './shaders';
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

const GRID_FROM_ZOOM = 14;
const NEAREST_FROM_ZOOM = 2;

const FORMATS: Record<TexelType, (gl: WebGL2RenderingContext) => [internal: number, type: number]> =
  {
    u8: (gl) => [gl.R8, gl.UNSIGNED_BYTE],
    f16: (gl) => [gl.R16F, gl.HALF_FLOAT],
    f32: (gl) => [gl.R32F, gl.FLOAT],
  };

interface Program {
  program: WebGLProgram;
  at: (name: string) => WebGLUniformLocation | null;
}

export class FieldRenderer {
  private readonly programs = new Map<string, Program>();
  private texture: WebGLTexture | null = null;
  private shape = '';
  private colours: WebGLTexture | null = null;
  private table = '';
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

  /** After the context was lost and is back. */
  prepare(): void {
    const { gl } = this;
    this.programs.clear();
    this.shape = this.table = '';
    this.texture = this.colours = null;
    gl.bindVertexArray(gl.createVertexArray());
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.enable(gl.SCISSOR_TEST);
  }

  /** Copies a frame into the texture. */
  upload(frame: Frame): void {
    this.frame = frame;
    if (frame.texels.byteLength === 0) return;
    const { gl } = this;
    const [internal, type] = FORMATS[frame.type](gl);
    const { width, height, channels } = frame;
    const shape = `${frame.type} ${width} ${height} ${channels}`;
    gl.activeTexture(gl.TEXTURE0);
    if (shape !== this.shape) {
      gl.deleteTexture(this.texture);
      this.texture = gl.createTexture();
      gl.bindTexture(gl.TEXTURE_2D_ARRAY, this.texture);
      gl.texParameteri(gl.TEXTURE_2D_ARRAY, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
      gl.texParameteri(gl.TEXTURE_2D_ARRAY, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
      gl.texStorage3D(gl.TEXTURE_2D_ARRAY, 1, internal, width, height, channels);
      this.shape = shape;
    }
    const texels =
      frame.type === 'u8'
        ? new Uint8Array(frame.texels)
        : frame.type === 'f16'
          ? new Uint16Array(frame.texels)
          : new Float32Array(frame.texels);
    gl.texSubImage3D(
      gl.TEXTURE_2D_ARRAY,
      0,
      0,
      0,
      0,
      width,
      height,
      channels,
      gl.RED,
      type,
      texels,
    );
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
    const texelPixels = view.zoom * 2 ** frame.lod;
    const { at } = this.use({
      codes: frame.type === 'u8',
      rgb: frame.channels >= 3,
      cyclic: look.cyclic,
      log: look.log && look.range[1] > 0,
      smooth: texelPixels < NEAREST_FROM_ZOOM && !look.cyclic,
      tiled: look.tiled,
      grid: look.view.zoom >= GRID_FROM_ZOOM,
    });
    this.useColours(look.colormap, look.inverted);
    const first = (axis: 0 | 1) =>
      ((axis ? view.y : view.x) - frame.roi[axis]) / 2 ** frame.lod -
      canvas[axis] / 2 / texelPixels;
    gl.uniform2f(at('scaling'), frame.scale, frame.offset);
    gl.uniform2f(at('range'), look.range[0], look.range[1]);
    // Rows of pixels are counted from below.
    const bottom = first(1) + canvas[1] / texelPixels;
    gl.uniform4f(at('texel_from_pixel'), 1 / texelPixels, -1 / texelPixels, first(0), bottom);
    gl.uniform2i(at('last'), frame.width - 1, frame.height - 1);
    gl.uniform2f(at('field'), look.field[0] / 2 ** frame.lod, look.field[1] / 2 ** frame.lod);
    gl.uniform1f(at('cells'), 2 ** frame.lod);
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

  private use(variant: Variant): Program {
    const { gl } = this;
    const key = keyOf(variant);
    let found = this.programs.get(key);
    if (!found) {
      const program = link(gl, fragment(variant));
      const places = new Map<string, WebGLUniformLocation | null>();
      const at = (name: string) => {
        if (!places.has(name)) places.set(name, gl.getUniformLocation(program, name));
        return places.get(name)!;
      };
      found = { program, at };
      this.programs.set(key, found);
      gl.useProgram(program);
      gl.uniform1i(at('colours'), 1);
      gl.uniform3f(at('nan_colour'), ...NAN_COLOUR);
    }
    gl.useProgram(found.program);
    return found;
  }

  private useColours(name: ColormapName, inverted: boolean): void {
    const table = `${name} ${inverted}`;
    if (table === this.table) return;
    const { gl } = this;
    this.table = table;
    this.colours ??= gl.createTexture();
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, this.colours);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    gl.texImage2D(
      gl.TEXTURE_2D,
      0,
      gl.RGBA8,
      256,
      1,
      0,
      gl.RGBA,
      gl.UNSIGNED_BYTE,
      lut(name, inverted),
    );
  }
}

function link(gl: WebGL2RenderingContext, source: string): WebGLProgram {
  const program = gl.createProgram();
  for (const [type, text] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, source],
  ] as const) {
    const shader = gl.createShader(type)!;
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    const logs = gl.getAttachedShaders(program)!.map((shader) => gl.getShaderInfoLog(shader));
    throw new Error(`The field's shader does not compile: ${logs.join(' ')}`);
  }
  return program;
}
