// Smallest and largest finite value of a picture: what its colours span when the server's codes do not say.

import type { Frame } from '../frame';

let halves: Float32Array | undefined;

export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return (
    sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024))
  );
}

function halfTable(): Float32Array {
  halves ??= Float32Array.from({ length: 65536 }, (_, bits) => halfToFloat(bits));
  return halves;
}

export function texelCount(frame: Frame): number {
  return frame.width * frame.height * frame.channels;
}

/** The value of one texel; NaN where the server saw NaN or an infinity. */
export function texelValue(frame: Frame, index: number): number {
  if (frame.type === 'u8') {
    const code = new Uint8Array(frame.texels)[index]!;
    return code === 255 ? NaN : frame.offset + frame.scale * code;
  }
  const texel =
    frame.type === 'f16'
      ? halfTable()[new Uint16Array(frame.texels)[index]!]!
      : new Float32Array(frame.texels)[index]!;
  return frame.offset + frame.scale * texel;
}

export function rangeOf(frame: Frame): [number, number] {
  if (frame.type === 'u8') return [frame.offset, frame.offset + 254 * frame.scale];
  const count = texelCount(frame);
  let lo = Infinity;
  let hi = -Infinity;
  const see = (texel: number) => {
    if (texel < lo && texel > -Infinity) lo = texel;
    if (texel > hi && texel < Infinity) hi = texel;
  };
  if (frame.type === 'f16') {
    const table = halfTable();
    const texels = new Uint16Array(frame.texels, 0, count);
    for (let i = 0; i < count; ++i) see(table[texels[i]!]!);
  } else {
    const texels = new Float32Array(frame.texels, 0, count);
    for (let i = 0; i < count; ++i) see(texels[i]!);
  }
  if (lo > hi) return [0, 1];
  return [frame.offset + frame.scale * lo, frame.offset + frame.scale * hi];
}
