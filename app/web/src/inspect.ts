// window.__atheria, for tests and for the curious: the frame on the screen, as numbers.

import { texelCount, texelValue } from './decode/range';
import type { Frame } from './frame';
import { frameShown } from './stage/screen';

declare global {
  interface Window {
    __atheria: {
      lastFrame(): {
        step: number;
        w: number;
        h: number;
        seq: number;
        mean: number;
        checksum: number;
      } | null;
      /** The value of the cell (x, y) in the frame shown; one a channel. Undefined where the frame does not reach. */
      pixel(x: number, y: number): number[] | undefined;
    };
  }
}

export function offerInspection(): void {
  window.__atheria = { lastFrame, pixel };
}

function lastFrame() {
  const frame = frameShown();
  if (!frame) return null;
  const { step, width, height, seq } = frame;
  return { step, w: width, h: height, seq, mean: mean(frame), checksum: checksum(frame.texels) };
}

function pixel(x: number, y: number): number[] | undefined {
  const frame = frameShown();
  if (!frame) return undefined;
  const [tx, ty] = [(x - frame.roi[0]) >> frame.lod, (y - frame.roi[1]) >> frame.lod];
  if (tx < 0 || ty < 0 || tx >= frame.width || ty >= frame.height) return undefined;
  return Array.from({ length: frame.channels }, (_, channel) =>
    texelValue(frame, (channel * frame.height + ty) * frame.width + tx),
  );
}

/** Of the finite values. */
function mean(frame: Frame): number {
  let sum = 0;
  let seen = 0;
  for (let i = 0; i < texelCount(frame); ++i) {
    const value = texelValue(frame, i);
    if (Number.isFinite(value)) {
      sum += value;
      ++seen;
    }
  }
  return sum / seen;
}

/** FNV-1a, 32 bits. */
function checksum(bytes: ArrayBuffer): number {
  let hash = 0x811c9dc5;
  for (const byte of new Uint8Array(bytes)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
