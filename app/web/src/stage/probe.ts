// Exact values of the cell under the cursor, asked of the server at human pace.

import { ask } from '../requests';
import * as state from '../state';
import { throttled } from '../throttle';

const PROBE_MS = 125;

const read = throttled<void>(PROBE_MS, () => {
  const at = state.cursor.peek();
  const world = state.world.peek();
  if (!at || !world || world.stream) {
    state.probe.value = null;
    return;
  }
  const { z, depth } = state.layer.peek();
  const layer = depth === 'slice' && z >= 0 ? z : Math.floor(world.size[2] / 2);
  void ask('probe.read', { world: world.name, x: at.x, y: at.y, z: layer }).then((result) => {
    const same = state.cursor.peek() && state.world.peek()?.name === world.name;
    if (result && same) state.probe.value = result as unknown as typeof state.probe.value;
  });
});

/** The field went on: values under a resting cursor too. */
export function refreshProbe(): void {
  if (state.cursor.peek() && !document.hidden) read();
}

/** An effect. */
export function followCursor(): void {
  void [state.cursor.value?.x, state.cursor.value?.y, state.layer.value];
  read();
}
