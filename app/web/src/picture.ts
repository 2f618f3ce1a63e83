// One subscription's picture: the codes of all its texels as they came, which is also the base of the next difference.

import type { TexelType } from './frame';
import { Dtype, elementBytes, type Header, ProtocolError } from './protocol';

const MAX_PICTURE_BYTES = 256 << 20;
const TYPES = new Map<number, TexelType>([
  [Dtype.u8, 'u8'],
  [Dtype.u16, 'f32'], // WebGL2 has no normalised 16-bit texture
  [Dtype.f16, 'f16'],
  [Dtype.f32, 'f32'],
]);

export interface Picture {
  seq: number;
  width: number;
  height: number;
  channels: number;
  dtype: number;
  lod: number;
  scale: number;
  offset: number;
  /** Planar: all of channel 0 first. */
  bytes: Uint8Array;
}

/** For the parts of a KEY frame, which must cover it; takes over the memory of the old one where it fits. */
export function freshPicture(headers: Header[], old: Picture | null): Picture {
  const first = headers[0]!;
  if (!TYPES.has(first.dtype)) throw new ProtocolError(`dtype ${first.dtype} in a picture`);
  const width = Math.max(...headers.map((h) => h.x + h.w));
  const height = Math.max(...headers.map((h) => h.y + h.h));
  const size = width * height * first.channels * elementBytes(first.dtype);
  if (size === 0 || size > MAX_PICTURE_BYTES) throw new ProtocolError(`a picture of ${size} bytes`);
  const covered = headers.reduce((sum, h) => sum + h.decodedBytes, 0);
  if (covered !== size) throw new ProtocolError('a KEY frame that does not cover its picture');
  const { channels, dtype, lod, scale, offset } = first;
  const bytes = old?.bytes.length === size ? old.bytes : new Uint8Array(size);
  return { seq: 0, width, height, channels, dtype, lod, scale, offset, bytes };
}

export function mustBePartOf(picture: Picture, part: Header): void {
  if (
    part.dtype !== picture.dtype ||
    part.channels !== picture.channels ||
    part.lod !== picture.lod ||
    part.scale !== picture.scale ||
    part.offset !== picture.offset ||
    part.x + part.w > picture.width ||
    part.y + part.h > picture.height
  ) {
    throw new ProtocolError('a part that is not of its picture');
  }
}

/** Calls with (offset in the picture, offset in the part, length) of each contiguous run of bytes. */
export function eachRun(
  part: Header,
  picture: Picture,
  run: (at: number, from: number, bytes: number) => void,
): void {
  const element = elementBytes(picture.dtype);
  const whole = part.w === picture.width;
  const rows = whole ? 1 : part.h;
  const bytes = part.w * element * (whole ? part.h : 1);
  let from = 0;
  for (let channel = 0; channel < part.channels; ++channel) {
    for (let row = 0; row < rows; ++row) {
      const y = channel * picture.height + part.y + row;
      run((y * picture.width + part.x) * element, from, bytes);
      from += bytes;
    }
  }
}

export function texelType(picture: Picture): TexelType {
  return TYPES.get(picture.dtype)!;
}

/** A copy as `texelType` says; `take` gives a buffer of so many bytes. */
export function texelsOf(picture: Picture, take: (bytes: number) => ArrayBuffer): ArrayBuffer {
  if (picture.dtype !== Dtype.u16) {
    const out = take(picture.bytes.length);
    new Uint8Array(out).set(picture.bytes);
    return out;
  }
  const codes = new Uint16Array(picture.bytes.buffer, 0, picture.bytes.length / 2);
  const out = take(codes.length * 4);
  const values = new Float32Array(out);
  for (let i = 0; i < codes.length; ++i) values[i] = codes[i] === 65535 ? NaN : codes[i]!;
  return out;
}
