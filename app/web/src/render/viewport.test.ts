import { describe, expect, it } from 'vitest';
import {
  cellAt,
  fitted,
  lodOf,
  panned,
  pixelBox,
  pixelOf,
  visibleCells,
  wantsUpdate,
  wishFor,
  zoomedAt,
} from './viewport';

const canvas = [800, 600] as const;
const field = [4096, 4096] as const;

describe('viewport', () => {
  it('fits the field into the canvas, in the middle', () => {
    const view = fitted([256, 256], canvas);
    expect(view.zoom * 256).toBeLessThanOrEqual(600);
    expect(view.zoom * 256).toBeGreaterThan(540);
    expect(cellAt(view, canvas, 400, 300)).toEqual([128, 128]);
  });

  it('maps pixels to cells and back', () => {
    const view = { x: 10, y: 20, zoom: 7 };
    const [x, y] = cellAt(view, canvas, 123, 45);
    expect(pixelOf(view, canvas, x, y)).toEqual([123, 45]);
  });

  it('keeps the cell under the cursor while zooming', () => {
    const view = fitted(field, canvas);
    const before = cellAt(view, canvas, 500, 320);
    const after = cellAt(zoomedAt(view, field, canvas, 500, 320, 3), canvas, 500, 320);
    expect(after[0]).toBeCloseTo(before[0]);
    expect(after[1]).toBeCloseTo(before[1]);
  });

  it('cannot lose the field', () => {
    const view = panned(fitted(field, canvas), field, 1e6, -1e6);
    expect(view).toMatchObject({ x: 0, y: 4096 });
    expect(zoomedAt(view, field, canvas, 0, 0, 1e9).zoom).toBe(64);
    expect(zoomedAt(view, field, canvas, 0, 0, 1e-9).zoom).toBeGreaterThan(0);
  });

  it('knows the pixels of a rectangle of cells', () => {
    const view = { x: 50, y: 50, zoom: 4 };
    expect(pixelBox(view, canvas, [0, 0, 100, 100])).toEqual([200, 100, 400, 400]);
    expect(pixelBox({ ...view, x: 0 }, canvas, [0, 0, 100, 100])).toEqual([400, 100, 400, 400]);
    expect(pixelBox({ ...view, zoom: 400 }, canvas, [0, 0, 100, 100])).toEqual([-1, -1, 802, 602]);
  });

  it('knows the cells on the screen, within the field', () => {
    expect(visibleCells({ x: 50, y: 50, zoom: 10 }, field, canvas)).toEqual([10, 20, 80, 60]);
    expect(visibleCells({ x: 0, y: 0, zoom: 10 }, field, canvas)).toEqual([0, 0, 40, 30]);
  });
});

describe('what to ask for', () => {
  it('is the whole of a small field, wherever one looks', () => {
    const view = { x: 3, y: 3, zoom: 40 };
    expect(wishFor(view, [256, 256], canvas, 1).roi).toEqual([0, 0, 256, 256]);
  });

  it('has about a texel a device pixel', () => {
    const far = wishFor(fitted(field, canvas), field, canvas, 1);
    expect(far.roi).toEqual([0, 0, 4096, 4096]);
    expect(4096 / 2 ** lodOf(far)).toBe(512);
    const sharp = wishFor(fitted(field, canvas), field, canvas, 2);
    expect(4096 / 2 ** lodOf(sharp)).toBe(1024);
  });

  it('is a part with a margin when looking closely', () => {
    const wish = wishFor({ x: 2000, y: 2000, zoom: 2 }, field, canvas, 1);
    expect(lodOf(wish)).toBe(0);
    expect(wish.roi).toEqual([1752, 1802, 496, 396]);
  });

  it('changes only when the shown part or its detail no longer do', () => {
    const view = { x: 2000, y: 2000, zoom: 2 };
    const wish = wishFor(view, field, canvas, 1);
    const visible = visibleCells(view, field, canvas);
    const shown = { roi: [1728, 1792, 576, 448], lod: 0 } as const;
    expect(wantsUpdate(wish, visible, shown)).toBe(false);
    const moved = panned(view, field, -400, 0);
    expect(
      wantsUpdate(wishFor(moved, field, canvas, 1), visibleCells(moved, field, canvas), shown),
    ).toBe(true);
    expect(wantsUpdate(wish, visible, { roi: [0, 0, 4096, 4096], lod: 0 })).toBe(true);
    expect(wantsUpdate(wish, visible, { roi: [0, 0, 4096, 4096], lod: 3 })).toBe(true);
  });
});
