// What is chosen becomes two subscriptions of the world in view: its field and its measures.

import { effect, signal } from '@preact/signals';
import type { Wish } from './render/viewport';
import { ask } from './requests';
import { History } from './series';
import * as state from './state';
import { topicOf } from './streams';

const SERIES_FPS = 10;
const TRY_AGAIN_MS = 1000;
const FPS = 60;
const FPS_REDUCED = 4;

interface Watched {
  sub: number;
  topic: string;
  args: string;
}

/** What the viewport needs of a world, once it has been quiet; set by the stage. */
export const wish = signal<(Wish & { world: string }) | null>(null);
const hidden = signal(document.hidden);
const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
const slow = signal(reducedMotion.matches);
/** Grows when subscriptions are gone on the server's side and have to be made again. */
const lost = signal(0);
const history = new History();

let lastSub = 0;
let field: Watched | null = null;
let charts: Watched | null = null;

/** Subscribes, and follows every choice from now on. */
export function subscribe(): void {
  document.addEventListener('visibilitychange', () => (hidden.value = document.hidden));
  reducedMotion.addEventListener('change', () => (slow.value = reducedMotion.matches));
  effect(followField);
  effect(followSeries);
}

export function fieldSub(): number {
  return field?.sub ?? 0;
}

/** The connection ended, and all subscriptions with it. */
export function dropAll(): void {
  field = charts = null;
}

export function makeAgain(): void {
  lost.value += 1;
}

/** The server ended one. */
export function ended(sub: number, againAfterMs: number): void {
  if (field?.sub === sub) field = null;
  else if (charts?.sub === sub) charts = null;
  else return;
  setTimeout(makeAgain, againAfterMs);
}

export function addSeries(sub: number, rows: Float64Array[]): void {
  if (sub !== charts?.sub) return;
  for (const row of rows) history.push(row);
  state.series.value = { columns: history.columns, data: history.data };
}

function followField(): void {
  void lost.value;
  const world = state.world.value;
  const view = state.view.value;
  const wanted = wish.value;
  if (!state.connected.value || !world || !view || wanted?.world !== world.name) return;
  const args: Record<string, unknown> = {
    roi: wanted.roi,
    fit: wanted.fit,
    maxFps: hidden.value ? 0 : slow.value ? FPS_REDUCED : FPS,
    dtype: state.precise.value ? ['f16', 'u8'] : ['u8', 'f16'],
    range: state.colours.value.range,
    z: state.layer.value.z,
    depth: state.layer.value.depth,
  };
  const topic = topicOf(world, view.name);
  field = followed(field, topic, args, { mode: 'latest', codec: ['lz4', 'raw'] });
}

function followed(
  old: Watched | null,
  topic: string,
  args: Record<string, unknown>,
  fixed: Record<string, unknown>,
): Watched {
  const text = JSON.stringify(args);
  if (old && old.topic !== topic) old = unwatched(old);
  if (!old) {
    const made = { sub: ++lastSub, topic, args: text };
    void watch({ sub: made.sub, topic, ...fixed, ...args });
    return made;
  }
  if (old.args !== text) void ask('sub.update', { sub: old.sub, ...args });
  return { ...old, args: text };
}

function followSeries(): void {
  void lost.value;
  const now = state.world.value;
  if (!state.connected.value || !now) return;
  if (now.stream) {
    if (charts) charts = unwatched(charts);
    return beginSeries([]);
  }
  const columns = now.series.map((one) => one.name).join(' ');
  const maxFps = hidden.value ? 0 : SERIES_FPS;
  const topic = `${now.name}/series`;
  // The law is part of what is watched: another law has other columns.
  if (charts && charts.topic !== `${topic} ${columns}`) charts = unwatched(charts);
  if (!charts) {
    charts = { sub: ++lastSub, topic: `${topic} ${columns}`, args: String(maxFps) };
    const { sub } = charts;
    void watch({ sub, topic, maxFps }).then((result) => {
      if (charts?.sub === sub && result) beginSeries(result.columns as string[]);
    });
  } else if (charts.args !== String(maxFps)) {
    charts.args = String(maxFps);
    void ask('sub.update', { sub: charts.sub, maxFps });
  }
}

function beginSeries(columns: string[]): void {
  history.begin(columns);
  state.series.value = { columns, data: history.data };
}

async function watch(args: { sub: number } & Record<string, unknown>) {
  const result = await ask('sub', args);
  if (!result && state.connected.peek()) ended(args.sub, TRY_AGAIN_MS);
  return result;
}

function unwatched(old: Watched): null {
  void ask('unsub', { sub: old.sub });
  return null;
}
