// Pointer, wheel and touch on the canvas.

import { signal } from '@preact/signals';
import { Painter } from './painter';
import { command } from './session';
import * as stage from './stage';
import * as state from './state';

export const spaceHeld = signal(false);
/** Space was used to pan: letting it go does not play or pause. */
let spaceUsed = false;
const painter = new Painter((args) => command('field.paint', args));
const WHEEL_STEP = 0.0016;
const MIN_RADIUS = 0.5;
const MAX_RADIUS = 512;

export function resizeBrush(factor: number): void {
  const radius = state.brush.peek().radius * factor;
  const tidy = radius < 10 ? Math.round(radius * 2) / 2 : Math.round(radius);
  state.brush.value = {
    ...state.brush.peek(),
    radius: Math.min(MAX_RADIUS, Math.max(MIN_RADIUS, tidy)),
  };
}

/** A dab at the keyboard's cursor. */
export function paintAtCursor(): void {
  const at = state.cursor.peek();
  const brush = brushNow();
  if (!at || !brush) return;
  painter.down(brush, [at.x + 0.5, at.y + 0.5]);
  painter.up();
}

export function moveCursor(dx: number, dy: number): void {
  const [w, h] = stage.fieldSize();
  const view = state.viewport.peek();
  const at = state.cursor.peek() ?? { x: Math.floor(view?.x ?? 0), y: Math.floor(view?.y ?? 0) };
  const wrap = (value: number, size: number) => ((value % size) + size) % size;
  state.cursor.value = { x: wrap(at.x + dx, w), y: wrap(at.y + dy, h), keyboard: true };
}

export function releaseSpace(): boolean {
  spaceHeld.value = false;
  const used = spaceUsed;
  spaceUsed = false;
  return used;
}

function brushNow() {
  const tool = state.tool.peek();
  if (tool === 'pan' || !state.mayOperate.peek()) return null;
  const { radius, value, softness, pattern, rle } = state.brush.peek();
  const z = state.volume.peek() ? { z: state.layer.peek().z } : {};
  const stamp = tool === 'stamp' ? { pattern: rle || pattern } : {};
  return { tool, radius, value, softness, ...z, ...stamp };
}

export function attach(canvas: HTMLCanvasElement): () => void {
  const pointers = new Map<number, [number, number]>();
  let panning = false;

  const place = (event: MouseEvent): [number, number] => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const point = (event: MouseEvent) => {
    const cell = stage.cellAt(...place(event));
    state.cursor.value = cell && {
      x: Math.floor(cell[0]),
      y: Math.floor(cell[1]),
      keyboard: false,
    };
  };

  const down = (event: PointerEvent) => {
    const at = place(event);
    pointers.set(event.pointerId, at);
    canvas.setPointerCapture(event.pointerId);
    point(event);
    const brush = brushNow();
    const cell = stage.cellAt(...at);
    if (pointers.size > 1) {
      painter.up();
      panning = true;
    } else if (event.button === 0 && brush && !spaceHeld.peek() && cell) {
      painter.down(brush, cell);
    } else {
      panning = true;
      if (spaceHeld.peek()) spaceUsed = true;
    }
    if (event.button === 1) event.preventDefault(); // no autoscroll
  };

  const move = (event: PointerEvent) => {
    const before = pointers.get(event.pointerId);
    const at = place(event);
    if (before) pointers.set(event.pointerId, at);
    if (before && panning) {
      if (pointers.size === 2) pinch(event.pointerId, before, at);
      else stage.pan(at[0] - before[0], at[1] - before[1]);
    } else if (painter.painting) {
      const coalesced = event.getCoalescedEvents?.() ?? [];
      for (const each of coalesced.length ? coalesced : [event]) {
        painter.move(stage.cellBeyond(...place(each)));
      }
    }
    point(event);
  };

  const pinch = (id: number, before: [number, number], at: [number, number]) => {
    const other = [...pointers].find(([key]) => key !== id)![1];
    const away = (p: [number, number]) => Math.hypot(p[0] - other[0], p[1] - other[1]) || 1;
    stage.pan((at[0] - before[0]) / 2, (at[1] - before[1]) / 2);
    stage.zoom(away(at) / away(before), (at[0] + other[0]) / 2, (at[1] + other[1]) / 2);
  };

  const up = (event: PointerEvent) => {
    pointers.delete(event.pointerId);
    painter.up();
    if (pointers.size === 0) panning = false;
    if (event.pointerType === 'touch') state.cursor.value = null;
  };

  const leave = () => {
    if (!painter.painting && !state.cursor.peek()?.keyboard) state.cursor.value = null;
  };

  const wheel = (event: WheelEvent) => {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 24 : 1;
    const factor = Math.exp(-(event.deltaY || event.deltaX) * lines * WHEEL_STEP);
    if (event.altKey) resizeBrush(factor > 1 ? 1.25 : 0.8);
    else stage.zoom(factor, ...place(event));
    point(event);
  };

  const off = new AbortController();
  const { signal: ended } = off;
  canvas.addEventListener('pointerdown', down, { signal: ended });
  canvas.addEventListener('pointermove', move, { signal: ended });
  canvas.addEventListener('pointerup', up, { signal: ended });
  canvas.addEventListener('pointercancel', up, { signal: ended });
  canvas.addEventListener('pointerleave', leave, { signal: ended });
  canvas.addEventListener('wheel', wheel, { passive: false, signal: ended });
  canvas.addEventListener('contextmenu', (event) => event.preventDefault(), { signal: ended });
  canvas.addEventListener('auxclick', (event) => event.preventDefault(), { signal: ended });
  return () => off.abort();
}
