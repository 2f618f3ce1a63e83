import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { JsDecoder } from './js';
import { compress, random, shuffle } from './lz4_for_tests';
import { DecodeError, type PartDecoder } from './part';
import { WasmDecoder } from './wasm';

const js = new JsDecoder();
let wasm: PartDecoder;

beforeAll(async () => {
  wasm = await WasmDecoder.load(readFileSync(new URL('./decode.wasm', import.meta.url)));
});

const LZ4 = 1;
const outcome = (decoder: PartDecoder, ...args: Parameters<PartDecoder['decode']>) => {
  try {
    return Buffer.from(decoder.decode(...args)).toString('hex');
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return `error: ${error.message}`;
  }
};
const both = (...args: Parameters<PartDecoder['decode']>) => {
  const result = outcome(js, ...args);
  expect(outcome(wasm, ...args)).toBe(result);
  return result;
};
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
// Runs and noise: short and long literals, matches near and far, overlapping ones.
const picture = (size: number, next: () => number) => {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size;) {
    const run = 1 + Math.floor(next() ** 3 * 700);
    const value = next() < 0.3 ? -1 : Math.floor(next() * 8);
    for (let k = 0; k < run && i < size; ++k) bytes[i++] = value < 0 ? next() * 256 : value;
  }
  return bytes;
};

describe('both decoders', () => {
  it('give back what was compressed, at every size around the fast paths', () => {
    const next = random(1);
    for (const size of [1, 3, 15, 16, 17, 31, 32, 33, 64, 255, 270, 271, 4096, 65536]) {
      for (let round = 0; round < 6; ++round) {
        const bytes = picture(size, next);
        expect(both(compress(bytes), LZ4, 0, 1, size, null)).toBe(hex(bytes));
      }
    }
  });

  it('undo shuffle and delta of 1, 2 and 4 byte elements', () => {
    const next = random(2);
    for (const element of [1, 2, 4]) {
      const bytes = picture(element * 1001, next);
      expect(both(compress(shuffle(bytes, element)), LZ4, 2, element, bytes.length, null)).toBe(
        hex(bytes),
      );
    }
    for (const element of [1, 2]) {
      const now = picture(element * 1003, next);
      const base = picture(element * 1003, next);
      const delta =
        element === 1
          ? now.map((v, i) => v - base[i]!)
          : new Uint8Array(
              new Uint16Array(now.buffer).map((v, i) => v - new Uint16Array(base.buffer)[i]!)
                .buffer,
            );
      expect(both(compress(delta), LZ4, 1, element, now.length, base)).toBe(hex(now));
      expect(both(shuffle(delta, element), 0, 3, element, now.length, base)).toBe(hex(now));
    }
  });

  it('refuse blocks that are cut anywhere', () => {
    const bytes = picture(600, random(3));
    const block = compress(bytes);
    for (let cut = 0; cut < block.length; ++cut) {
      expect(both(block.slice(0, cut), LZ4, 0, 1, bytes.length, null)).toMatch(/^error/);
    }
  });

  it('refuse overlong output, offsets before the beginning and offset zero', () => {
    expect(both(compress(new Uint8Array(100)), LZ4, 0, 1, 99, null)).toMatch(/^error/);
    expect(both(compress(new Uint8Array(100)), LZ4, 0, 1, 101, null)).toBe('error: truncated');
    expect(both(Uint8Array.of(0x14, 7, 2, 0, 0), LZ4, 0, 1, 9, null)).toBe('error: bad offset');
    expect(both(Uint8Array.of(0x14, 7, 0, 0, 0), LZ4, 0, 1, 9, null)).toBe('error: bad offset');
    expect(
      both(Uint8Array.of(0x1f, 7, 1, 0, ...Array<number>(200).fill(255)), LZ4, 0, 1, 9, null),
    ).toBe('error: truncated');
  });

  it('refuse what they do not know', () => {
    const bytes = new Uint8Array(8);
    expect(both(bytes, 2, 0, 1, 8, null)).toBe('error: unknown codec or filter');
    expect(both(bytes, 0, 4, 1, 8, null)).toBe('error: unknown codec or filter');
    expect(both(bytes, 0, 1, 4, 8, bytes)).toBe('error: unknown codec or filter');
    expect(both(bytes, 0, 1, 1, 8, null)).toBe('error: no base to add to');
    expect(both(bytes, 0, 0, 1, 9, null)).toBe('error: bad length');
    expect(both(bytes, 0, 2, 3, 8, null)).toBe('error: bad length');
  });

  it('agree on noise and on damaged blocks', () => {
    const next = random(4);
    for (let round = 0; round < 3000; ++round) {
      const size = 1 + Math.floor(next() * 300);
      let block: Uint8Array;
      if (round % 2) {
        block = Uint8Array.from({ length: Math.floor(next() * 60) }, () => next() * 256);
      } else {
        block = compress(picture(size, next));
        for (let k = 0; k < 3; ++k) block[Math.floor(next() * block.length)] = next() * 256;
      }
      both(block, LZ4, round % 3 === 0 ? 2 : 0, size % 2 ? 1 : 2, size, null);
    }
  });
});
