// Pointer, wheel and touch on the canvas: one pointer paints or moves the field, two move and zoom it.

import { signal } from '@preact/signals';
import { brushNow, painter, resizeBrush } from './brush';
import * as looking from './stage/looking';
import * as state from './state';

type Pixel = [number, number];

const WHEEL_STEP = 0.0016;
const LINE_PIXELS = 24; // what a wheel that counts in lines is taken for

export const spaceHeld = signal(false);
/** Space was used to pan: letting it go does not play or pause. */
let spaceUsed = false;

export function releaseSpace(): boolean {
  spaceHeld.value = false;
  const used = spaceUsed;
  spaceUsed = false;
  return used;
}

/** Returns what ends it. */
export function attach(canvas: HTMLCanvasElement): () => void {
  const off = new AbortController();
  const { signal } = off;
  const pointers = new Pointers(canvas);
  canvas.addEventListener('pointerdown', (event) => pointers.down(event), { signal });
  canvas.addEventListener('pointermove', (event) => pointers.move(event), { signal });
  canvas.addEventListener('pointerup', (event) => pointers.up(event), { signal });
  canvas.addEventListener('pointercancel', (event) => pointers.up(event), { signal });
  canvas.addEventListener('pointerleave', leave, { signal });
  canvas.addEventListener('wheel', wheel, { passive: false, signal });
  canvas.addEventListener('contextmenu', (event) => event.preventDefault(), { signal });
  canvas.addEventListener('auxclick', (event) => event.preventDefault(), { signal });
  return () => off.abort();
}

class Pointers {
  /** Those held down, by id: where they were last. */
  private readonly held = new Map<number, Pixel>();
  private panning = false;

  constructor(private readonly canvas: HTMLCanvasElement) {}

  down(event: PointerEvent): void {
    const at = pixelOf(event);
    this.held.set(event.pointerId, at);
    this.canvas.setPointerCapture(event.pointerId);
    point(event);
    const brush = brushNow();
    const cell = looking.cellAt(...at);
    if (this.held.size > 1) {
      painter.up();
      this.panning = true;
    } else if (event.button === 0 && brush && !spaceHeld.peek() && cell) {
      painter.down(brush, cell);
    } else {
      this.panning = true;
      if (spaceHeld.peek()) spaceUsed = true;
    }
    if (event.button === 1) event.preventDefault(); // no autoscroll
  }

  move(event: PointerEvent): void {
    const before = this.held.get(event.pointerId);
    const at = pixelOf(event);
    if (before) this.held.set(event.pointerId, at);
    if (before && this.panning) {
      if (this.held.size === 2) this.pinch(event.pointerId, before, at);
      else looking.pan(at[0] - before[0], at[1] - before[1]);
    } else if (painter.painting) {
      const coalesced = event.getCoalescedEvents?.() ?? [];
      for (const each of coalesced.length ? coalesced : [event]) {
        painter.move(looking.cellBeyond(...pixelOf(each, this.canvas)));
      }
    }
    point(event);
  }

  up(event: PointerEvent): void {
    this.held.delete(event.pointerId);
    painter.up();
    if (this.held.size === 0) this.panning = false;
    if (event.pointerType === 'touch') state.cursor.value = null;
  }

  private pinch(id: number, before: Pixel, at: Pixel): void {
    const other = [...this.held].find(([key]) => key !== id)![1];
    const away = (p: Pixel) => Math.hypot(p[0] - other[0], p[1] - other[1]) || 1;
    looking.pan((at[0] - before[0]) / 2, (at[1] - before[1]) / 2);
    looking.zoom(away(at) / away(before), (at[0] + other[0]) / 2, (at[1] + other[1]) / 2);
  }
}

function leave(): void {
  if (!painter.painting && !state.cursor.peek()?.keyboard) state.cursor.value = null;
}

function wheel(event: WheelEvent): void {
  event.preventDefault();
  const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PIXELS : 1;
  const factor = Math.exp(-(event.deltaY || event.deltaX) * pixels * WHEEL_STEP);
  if (event.altKey) resizeBrush(factor > 1 ? 1.25 : 0.8);
  else looking.zoom(factor, ...pixelOf(event));
  point(event);
}

/** In the canvas; coalesced events do not know what they happened on. */
function pixelOf(event: MouseEvent, canvas = event.currentTarget as HTMLCanvasElement): Pixel {
  const box = canvas.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

function point(event: MouseEvent): void {
  const cell = looking.cellAt(...pixelOf(event));
  state.cursor.value = cell && {
    x: Math.floor(cell[0]),
    y: Math.floor(cell[1]),
    keyboard: false,
  };
}
