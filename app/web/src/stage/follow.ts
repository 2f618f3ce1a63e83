// What the stage does when a choice changes: looks at another world, redraws, asks for a picture that suits the viewport.
// The functions that read signals are effects; mount.ts runs them.

import { batch } from '@preact/signals';
import * as port from '../render/viewport';
import * as state from '../state';
import { wish } from '../subscriptions';
import { settled } from '../throttle';
import { canvasSize, fieldSize, fit, lookAt, zoomed } from './looking';
import { forget, frameShown, invalidate } from './screen';

const QUIET_MS = 120;

let seenWorld = '';
let place: port.Viewport | undefined;

/** Where the next world that comes into view is looked at. */
export function lookNext(at: port.Viewport | undefined): void {
  place = at;
  seenWorld = '';
}

export function followWorld(): void {
  const world = state.world.value;
  if (!world || canvasSize.value[0] <= 1) return;
  const key = `${world.name} ${world.size.join('x')}`;
  if (key === seenWorld) return;
  seenWorld = key;
  forget();
  batch(() => {
    if (place) lookAt(place);
    else fit();
    place = undefined;
    suit();
  });
}

export function followSize(): void {
  void canvasSize.value;
  if (seenWorld && !zoomed.peek()) fit();
}

export function followLook(): void {
  void [state.colours.value, state.theme.value, state.tiled.value, state.world.value?.size];
  void [state.viewport.value, canvasSize.value];
  const range = state.colours.value.range;
  const before = state.shown.peek();
  if (Array.isArray(range) && before) state.shown.value = { ...before, lo: range[0], hi: range[1] };
  invalidate();
  suitWhenQuiet();
}

/** Wishes for another picture where the one shown does not suit what is looked at. */
function suit(): void {
  const view = state.viewport.peek();
  const world = state.world.peek();
  if (!view || !world) return;
  const field = fieldSize();
  const tiled = state.tiled.peek();
  const now = port.wishFor(view, field, canvasSize.peek(), devicePixelRatio, tiled);
  const shown = frameShown();
  if (wish.peek()?.world === world.name && shown) {
    const visible = tiled ? now.roi : port.visibleCells(view, field, canvasSize.peek());
    if (!port.wantsUpdate(now, visible, shown)) return;
  }
  wish.value = { ...now, world: world.name };
}
const suitWhenQuiet = settled<void>(QUIET_MS, suit);
