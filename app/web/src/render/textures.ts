// What the shaders read: the texels of a frame, and the table of colours.

import type { Frame, TexelType } from '../frame';
import { type ColormapName, lut } from './colormap';
import { Unit } from './program';

interface Format {
  internal: number;
  type: number;
  view: new (buffer: ArrayBuffer) => ArrayBufferView;
}

const FORMATS: Record<TexelType, (gl: WebGL2RenderingContext) => Format> = {
  u8: (gl) => ({ internal: gl.R8, type: gl.UNSIGNED_BYTE, view: Uint8Array }),
  f16: (gl) => ({ internal: gl.R16F, type: gl.HALF_FLOAT, view: Uint16Array }),
  f32: (gl) => ({ internal: gl.R32F, type: gl.FLOAT, view: Float32Array }),
};

/** A layer a channel. */
export class FieldTexture {
  private texture: WebGLTexture | null = null;
  private shape = '';

  constructor(private readonly gl: WebGL2RenderingContext) {}

  upload(frame: Frame): void {
    const { gl } = this;
    const { width, height, channels } = frame;
    const format = FORMATS[frame.type](gl);
    const target = gl.TEXTURE_2D_ARRAY;
    const texels = new format.view(frame.texels);
    gl.activeTexture(gl.TEXTURE0 + Unit.field);
    this.reshape(frame, format.internal);
    gl.texSubImage3D(target, 0, 0, 0, 0, width, height, channels, gl.RED, format.type, texels);
  }

  private reshape({ type, width, height, channels }: Frame, internal: number): void {
    const { gl } = this;
    const shape = `${type} ${width} ${height} ${channels}`;
    if (shape === this.shape) return;
    gl.deleteTexture(this.texture);
    this.texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, this.texture);
    gl.texParameteri(gl.TEXTURE_2D_ARRAY, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D_ARRAY, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    gl.texStorage3D(gl.TEXTURE_2D_ARRAY, 1, internal, width, height, channels);
    this.shape = shape;
  }
}

/** 256 colours in a row. */
export class ColourTable {
  private texture: WebGLTexture | null = null;
  private shown = '';

  constructor(private readonly gl: WebGL2RenderingContext) {}

  use(name: ColormapName, inverted: boolean): void {
    const wanted = `${name} ${inverted}`;
    if (wanted === this.shown) return;
    this.shown = wanted;
    const { gl } = this;
    const target = gl.TEXTURE_2D;
    const colours = lut(name, inverted);
    this.texture ??= gl.createTexture();
    gl.activeTexture(gl.TEXTURE0 + Unit.colours);
    gl.bindTexture(target, this.texture);
    gl.texParameteri(target, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    gl.texParameteri(target, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
    gl.texParameteri(target, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(target, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    gl.texImage2D(target, 0, gl.RGBA8, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, colours);
  }
}
