// Where the field lies on the screen, and which part of it to ask the server for. Pure arithmetic.
// Cells are numbered from the top left; cell (x, y) covers [x, x+1) x [y, y+1). Pixels are CSS pixels of the canvas.

export type Size = readonly [number, number];
export type Rect = readonly [x: number, y: number, w: number, h: number];

export interface Viewport {
  /** The cell coordinate in the middle of the canvas. */
  x: number;
  y: number;
  /** Pixels a cell. */
  zoom: number;
}

export const MAX_ZOOM = 64;
const PADDING = 16;
/** Texels asked for each device pixel: so that a picture is never shown below about 0.7 texels a pixel. */
const TEXELS_PER_PIXEL = 1.41;
/** A field of so many texels is sent whole: cutting it saves less than a new KEY frame costs. */
const WHOLE = 512;
const MARGIN = 0.12;
const MAX_FIT = 8192;
/** Texels a side of a picture that is wanted whole, however close one looks. */
const MAX_WHOLE = 2048;

export function fitted(field: Size, canvas: Size): Viewport {
  const room = (axis: 0 | 1) => Math.max(canvas[axis] - 2 * PADDING, canvas[axis] / 2, 1);
  const zoom = Math.min(room(0) / field[0], room(1) / field[1], MAX_ZOOM);
  return { x: field[0] / 2, y: field[1] / 2, zoom };
}

export function cellAt(view: Viewport, canvas: Size, px: number, py: number): [number, number] {
  return [view.x + (px - canvas[0] / 2) / view.zoom, view.y + (py - canvas[1] / 2) / view.zoom];
}

export function pixelOf(view: Viewport, canvas: Size, x: number, y: number): [number, number] {
  return [(x - view.x) * view.zoom + canvas[0] / 2, (y - view.y) * view.zoom + canvas[1] / 2];
}

/** Keeps the cell under the pixel where it is. */
export function zoomedAt(
  view: Viewport,
  field: Size,
  canvas: Size,
  px: number,
  py: number,
  factor: number,
): Viewport {
  const least = Math.min(fitted(field, canvas).zoom / 4, 1);
  const zoom = Math.min(MAX_ZOOM, Math.max(least, view.zoom * factor));
  const [x, y] = cellAt(view, canvas, px, py);
  return kept(
    { x: x - (px - canvas[0] / 2) / zoom, y: y - (py - canvas[1] / 2) / zoom, zoom },
    field,
  );
}

/** The pixels whose middle lies in a rectangle of cells, clipped to the canvas (and one beyond, for an edge). */
export function pixelBox(view: Viewport, canvas: Size, [x, y, w, h]: Rect): Rect {
  const clip = (value: number, axis: 0 | 1) =>
    Math.min(canvas[axis] + 1, Math.max(-1, Math.ceil(value - 0.5)));
  const [left, top] = pixelOf(view, canvas, x, y);
  const [right, bottom] = pixelOf(view, canvas, x + w, y + h);
  const [l, t] = [clip(left, 0), clip(top, 1)];
  return [l, t, clip(right, 0) - l, clip(bottom, 1) - t];
}

export function panned(view: Viewport, field: Size, dx: number, dy: number): Viewport {
  return kept({ ...view, x: view.x - dx / view.zoom, y: view.y - dy / view.zoom }, field);
}

/** The middle of the canvas never leaves the field: it cannot get lost. */
function kept(view: Viewport, field: Size): Viewport {
  const clamp = (value: number, size: number) => Math.min(size, Math.max(0, value));
  return { ...view, x: clamp(view.x, field[0]), y: clamp(view.y, field[1]) };
}

/** Whole cells on the screen. */
export function visibleCells(view: Viewport, field: Size, canvas: Size): Rect {
  const [x0, y0] = cellAt(view, canvas, 0, 0);
  const [x1, y1] = cellAt(view, canvas, canvas[0], canvas[1]);
  return clipped([x0, y0, x1 - x0, y1 - y0], field);
}

function clipped([x, y, w, h]: Rect, field: Size): Rect {
  const left = Math.min(Math.max(0, Math.floor(x)), field[0] - 1);
  const top = Math.min(Math.max(0, Math.floor(y)), field[1] - 1);
  const right = Math.max(left + 1, Math.min(field[0], Math.ceil(x + w)));
  const bottom = Math.max(top + 1, Math.min(field[1], Math.ceil(y + h)));
  return [left, top, right - left, bottom - top];
}

export interface Wish {
  roi: Rect;
  fit: [number, number];
}

/** `whole`: also what is not on the screen, for tiling. */
export function wishFor(
  view: Viewport,
  field: Size,
  canvas: Size,
  pixelRatio: number,
  whole = false,
): Wish {
  const texels = (cells: number, most = MAX_FIT) =>
    Math.min(most, Math.max(64, Math.ceil(cells * view.zoom * pixelRatio * TEXELS_PER_PIXEL)));
  const most = whole ? MAX_WHOLE : MAX_FIT;
  const all: Wish = {
    roi: [0, 0, field[0], field[1]],
    fit: [texels(field[0], most), texels(field[1], most)],
  };
  const [w, h] = pictureSize(all);
  if (whole || (w <= WHOLE && h <= WHOLE)) return all;
  const [x, y, vw, vh] = visibleCells(view, field, canvas);
  const margin = MARGIN * Math.max(vw, vh);
  const roi = clipped([x - margin, y - margin, vw + 2 * margin, vh + 2 * margin], field);
  return { roi, fit: [texels(roi[2]), texels(roi[3])] };
}

/** Level of detail the server will choose: the smallest whose picture fits. */
export function lodOf({ roi, fit }: Wish): number {
  let lod = 0;
  while (Math.ceil(roi[2] / 2 ** lod) > fit[0] || Math.ceil(roi[3] / 2 ** lod) > fit[1]) ++lod;
  return lod;
}

function pictureSize(wish: Wish): [number, number] {
  const cells = 2 ** lodOf(wish);
  return [Math.ceil(wish.roi[2] / cells), Math.ceil(wish.roi[3] / cells)];
}

/** Whether what is shown is no longer good for what is looked at. */
export function wantsUpdate(wish: Wish, visible: Rect, shown: { roi: Rect; lod: number }): boolean {
  if (lodOf(wish) !== shown.lod) return true;
  const [x, y, w, h] = shown.roi;
  const inside =
    visible[0] >= x &&
    visible[1] >= y &&
    visible[0] + visible[2] <= x + w &&
    visible[1] + visible[3] <= y + h;
  return !inside || w * h > 4 * Math.max(wish.roi[2] * wish.roi[3], (WHOLE << shown.lod) ** 2);
}
