// Starts the page: what the address remembers, keys, the panels, the connection.

import { batch, effect } from '@preact/signals';
import { render } from 'preact';
import { fragmentOf, placeOf } from './fragment';
import { offerInspection } from './inspect';
import { listen } from './keys';
import { type ColormapName, isColormap } from './render/colormap';
import { start } from './session';
import { followWorld, lookNext } from './stage/follow';
import { zoomed } from './stage/looking';
import { accept } from './stage/screen';
import * as state from './state';
import { settled } from './throttle';
import { App } from './ui/app';

const FRAGMENT_MS = 400;

function recall(): void {
  const { world, view, map, at } = placeOf(location.hash);
  lookNext(at);
  batch(() => {
    if (world) state.chosenWorld.value = world;
    if (world && view) state.chosenViews.value = { ...state.chosenViews.peek(), [world]: view };
  });
  followWorld(); // it may be the world in view already
  if (map && isColormap(map)) recallColours(map);
}

/** Once it is known which law and view the colours are for. */
function recallColours(map: ColormapName): void {
  const end = effect(() => {
    if (!state.view.value) return;
    queueMicrotask(() => {
      end();
      state.chooseColours({ colormap: map });
    });
  });
}

function remember(): void {
  const write = settled<string>(FRAGMENT_MS, (hash) => history.replaceState(null, '', hash));
  effect(() => {
    const world = state.world.value?.name;
    if (!world) return;
    const at = zoomed.value ? (state.viewport.value ?? undefined) : undefined;
    write(
      fragmentOf({ world, view: state.view.value?.name, map: state.colours.value.colormap, at }),
    );
  });
  effect(() => {
    document.title = state.world.value ? `${state.world.value.name} · Atheria` : 'Atheria';
    document.documentElement.dataset.theme = state.theme.value;
  });
}

offerInspection();
recall();
addEventListener('hashchange', recall); // not by our own replaceState
remember();
listen();
render(<App />, document.getElementById('app')!);
start(accept);
