// Where one looks: the viewport in state, moved by pointer, keys and window, and the cell under a pixel.

import { batch, computed, signal } from '@preact/signals';
import * as port from '../render/viewport';
import * as state from '../state';

/** CSS pixels. */
export const canvasSize = signal<port.Size>([1, 1]);
/** The whole field is shown and stays so when the window changes. */
const fitting = signal(true);
export const zoomed = computed(() => !fitting.value);

export function fieldSize(): port.Size {
  const size = state.world.peek()?.size;
  return size ? [size[0], size[1]] : [1, 1];
}

export function fit(): void {
  batch(() => {
    fitting.value = true;
    state.viewport.value = port.fitted(fieldSize(), canvasSize.peek());
  });
}

export function lookAt(view: port.Viewport): void {
  batch(() => {
    fitting.value = false;
    state.viewport.value = view;
  });
}

/** One cell, one device pixel. */
export function oneToOne(): void {
  const view = state.viewport.peek();
  if (view) lookAt({ ...view, zoom: 1 / devicePixelRatio });
}

export function zoom(
  factor: number,
  px = canvasSize.peek()[0] / 2,
  py = canvasSize.peek()[1] / 2,
): void {
  const view = state.viewport.peek();
  if (view) lookAt(port.zoomedAt(view, fieldSize(), canvasSize.peek(), px, py, factor));
}

/** By CSS pixels. */
export function pan(dx: number, dy: number): void {
  const view = state.viewport.peek();
  if (view) lookAt(port.panned(view, fieldSize(), dx, dy));
}

/** The cell under a pixel of the canvas; null outside the field. */
export function cellAt(px: number, py: number): [number, number] | null {
  const view = state.viewport.peek();
  if (!view) return null;
  const [x, y] = port.cellAt(view, canvasSize.peek(), px, py);
  const [w, h] = fieldSize();
  if (state.tiled.peek()) return [((x % w) + w) % w, ((y % h) + h) % h];
  return x >= 0 && y >= 0 && x < w && y < h ? [x, y] : null;
}

/** Without the field's edge: a stroke may leave it and come in on the other side. */
export function cellBeyond(px: number, py: number): [number, number] {
  return port.cellAt(state.viewport.peek() ?? { x: 0, y: 0, zoom: 1 }, canvasSize.peek(), px, py);
}
