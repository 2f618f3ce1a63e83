import { batch, effect } from '@preact/signals';
import { render } from 'preact';
import { texelValue } from './decode/range';
import { fragmentOf, placeOf } from './fragment';
import { listen } from './keys';
import { type ColormapName, isColormap } from './render/colormap';
import { start } from './session';
import * as stage from './stage';
import * as state from './state';
import { settled } from './throttle';
import { App } from './ui/app';

declare global {
  interface Window {
    /** For tests and for the curious: the frame on the screen, as numbers. */
    __atheria: {
      lastFrame(): {
        step: number;
        w: number;
        h: number;
        seq: number;
        mean: number;
        checksum: number;
      } | null;
      /** The value of the cell (x, y) in the frame shown; one a channel. Undefined where the frame does not reach. */
      pixel(x: number, y: number): number[] | undefined;
    };
  }
}

const FRAGMENT_MS = 400;

function recall(): void {
  const { world, view, map, at } = placeOf(location.hash);
  stage.lookNext(at);
  batch(() => {
    if (world) state.chosenWorld.value = world;
    if (world && view) state.chosenViews.value = { ...state.chosenViews.peek(), [world]: view };
  });
  stage.followWorld(); // it may be the world in view already
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
    const at = stage.zoomed.value ? (state.viewport.value ?? undefined) : undefined;
    write(
      fragmentOf({ world, view: state.view.value?.name, map: state.colours.value.colormap, at }),
    );
  });
  effect(() => {
    document.title = state.world.value ? `${state.world.value.name} · Atheria` : 'Atheria';
    document.documentElement.dataset.theme = state.theme.value;
  });
}

window.__atheria = {
  lastFrame() {
    const frame = stage.frameForTests();
    if (!frame) return null;
    return {
      step: frame.step,
      w: frame.width,
      h: frame.height,
      seq: frame.seq,
      ...stage.summary(),
    };
  },
  pixel(x, y) {
    const frame = stage.frameForTests();
    if (!frame) return undefined;
    const [tx, ty] = [(x - frame.roi[0]) >> frame.lod, (y - frame.roi[1]) >> frame.lod];
    if (tx < 0 || ty < 0 || tx >= frame.width || ty >= frame.height) return undefined;
    return Array.from({ length: frame.channels }, (_, channel) =>
      texelValue(frame, (channel * frame.height + ty) * frame.width + tx),
    );
  },
};

recall();
addEventListener('hashchange', recall); // not by our own replaceState
remember();
listen();
render(<App />, document.getElementById('app')!);
start(stage.accept);
