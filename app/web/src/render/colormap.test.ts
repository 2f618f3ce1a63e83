import { describe, expect, it } from 'vitest';
import { colormapFor, COLORMAPS, lut, place } from './colormap';

describe('colormaps', () => {
  it('have 256 opaque colours', () => {
    for (const name of COLORMAPS) {
      const colours = lut(name);
      expect(colours.length).toBe(1024);
      expect(colours.filter((_, i) => i % 4 === 3).every((a) => a === 255)).toBe(true);
    }
  });

  it('begin and end where their originals do', () => {
    expect([...lut('viridis').slice(0, 3)]).toEqual([0x44, 0x01, 0x54]);
    expect([...lut('viridis').slice(-4, -1)]).toEqual([0xfd, 0xe7, 0x25]);
    expect([...lut('gray', true).slice(0, 3)]).toEqual([255, 255, 255]);
  });

  it('for phases end in the colour they begin with', () => {
    const colours = lut('twilight');
    expect([...colours.slice(0, 3)]).toEqual([...colours.slice(-4, -1)]);
  });

  it('for ordered values grow lighter all the way', () => {
    const light = (c: Uint8Array, i: number) =>
      0.3 * c[i * 4]! + 0.59 * c[i * 4 + 1]! + 0.11 * c[i * 4 + 2]!;
    for (const name of ['viridis', 'cividis', 'magma', 'ember', 'gray'] as const) {
      const colours = lut(name);
      for (let i = 8; i < 256; i += 8)
        expect(light(colours, i)).toBeGreaterThan(light(colours, i - 8));
    }
  });
});

describe('place', () => {
  it('is linear and clamped', () => {
    expect(place(5, 0, 10, false)).toBe(0.5);
    expect(place(-1, 0, 10, false)).toBe(0);
    expect(place(99, 0, 10, false)).toBe(1);
    expect(place(3, 3, 3, false)).toBe(0);
  });

  it('spans four decades when logarithmic', () => {
    expect(place(1, 0, 1, true)).toBe(1);
    expect(place(0.01, 0, 1, true)).toBeCloseTo(0.5);
    expect(place(0, 0, 1, true)).toBe(0);
  });
});

it('a law of phases gets a cyclic map for angles only', () => {
  const view = (cyclic: boolean, range: [number, number]) => ({ cyclic, range });
  expect(colormapFor('phase', view(true, [-3.14, 3.14]))).toBe('twilight');
  expect(colormapFor('phase', view(false, [0, 2]))).toBe('magma');
  expect(colormapFor('phase', view(false, [-1, 1]))).toBe('coolwarm');
  expect(colormapFor('gray', view(true, [0, 6.28]))).toBe('twilight');
  expect(colormapFor('turbo', view(false, [0, 1]))).toBe('turbo');
  expect(colormapFor('no such map')).toBe('viridis');
});
