// The brush as it is now, its size, and painting with the keyboard's cursor.

import { Painter } from './painter';
import { command } from './requests';
import { fieldSize } from './stage/looking';
import * as state from './state';

export const painter = new Painter((args) => command('field.paint', args));
const MIN_RADIUS = 0.5;
const MAX_RADIUS = 512;

/** Null: the tool does not paint, or the user may not. */
export function brushNow() {
  const tool = state.tool.peek();
  if (tool === 'pan' || !state.mayOperate.peek()) return null;
  const { radius, value, softness, pattern, rle } = state.brush.peek();
  const z = state.volume.peek() ? { z: state.layer.peek().z } : {};
  const stamp = tool === 'stamp' ? { pattern: rle || pattern } : {};
  return { tool, radius, value, softness, ...z, ...stamp };
}

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
  const [w, h] = fieldSize();
  const view = state.viewport.peek();
  const at = state.cursor.peek() ?? { x: Math.floor(view?.x ?? 0), y: Math.floor(view?.y ?? 0) };
  const wrap = (value: number, size: number) => ((value % size) + size) % size;
  state.cursor.value = { x: wrap(at.x + dx, w), y: wrap(at.y + dy, h), keyboard: true };
}
