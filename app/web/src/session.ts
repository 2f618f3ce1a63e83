// Ties the worker to the state: what arrives becomes signals, what is chosen becomes subscriptions and commands.

import { batch, effect, signal } from '@preact/signals';
import { ServerClock } from './clock';
import { CommandError } from './client';
import { Link, type News } from './link';
import { sharedNow } from './messages';
import { notify } from './notices';
import type { Hello, SubStats, Tick, World } from './objects';
import type { Wish } from './render/viewport';
import { History } from './series';
import * as state from './state';

const PING_EVERY_MS = 2000;
const SERIES_FPS = 10;
const TRY_AGAIN_MS = 1000;
const NEWS_ON_ITS_WAY_MS = 100; // a world's new state follows the end of what it no longer has
const FPS = 60;
const FPS_REDUCED = 4;

export const clock = new ServerClock();
/** What the viewport needs of a world, once it has been quiet; set by the stage. */
export const wish = signal<(Wish & { world: string }) | null>(null);
const hidden = signal(document.hidden);
const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
const slow = signal(reducedMotion.matches);
const history = new History();

export type FrameNews = Extract<News, { from: 'frame' }>;
let onFrame: (news: FrameNews) => void = () => {};

const worker = new Worker(new URL('./decode/worker.ts', import.meta.url), { type: 'module' });
export const link = new Link(worker, receive);

export function start(showFrame: (news: FrameNews) => void): void {
  onFrame = showFrame;
  document.addEventListener('visibilitychange', () => (hidden.value = document.hidden));
  reducedMotion.addEventListener('change', () => (slow.value = reducedMotion.matches));
  setInterval(() => void ping(), PING_EVERY_MS);
  effect(followField);
  effect(followSeries);
  link.connect(location);
}

export function reconnect(): void {
  link.connect(location);
}

// --- commands -----------------------------------------------------------------------------------------------------

/** Asks the world in view for something; what goes wrong is shown to the user. Undefined: it was refused. */
export async function command(
  op: string,
  args: Record<string, unknown> = {},
): Promise<Record<string, unknown> | undefined> {
  const name = state.world.peek()?.name;
  try {
    return await link.request(op, { ...(name ? { world: name } : {}), ...args });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    if (error.code !== 'cancelled') notify(error.message);
    return undefined;
  }
}

/** The same, silently: for what is asked again soon anyway. */
export function ask(
  op: string,
  args: Record<string, unknown>,
): Promise<Record<string, unknown> | undefined> {
  return link.request(op, args).catch(() => undefined);
}

// --- subscriptions ------------------------------------------------------------------------------------------------

interface Watched {
  sub: number;
  topic: string;
  args: string;
}
let lastSub = 0;
let field: Watched | null = null;
let charts: Watched | null = null;
/** Grows when subscriptions are gone on the server's side and have to be made again. */
const lost = signal(0);

export function fieldSub(): number {
  return field?.sub ?? 0;
}

function followField(): void {
  void lost.value;
  const name = state.world.value?.name;
  const view = state.view.value;
  const wanted = wish.value;
  if (!state.connected.value || !name || !view || wanted?.world !== name) return;
  const args: Record<string, unknown> = {
    roi: wanted.roi,
    fit: wanted.fit,
    maxFps: hidden.value ? 0 : slow.value ? FPS_REDUCED : FPS,
    dtype: state.precise.value ? ['f16', 'u8'] : ['u8', 'f16'],
    range: state.colours.value.range,
    z: state.layer.value.z,
    depth: state.layer.value.depth,
  };
  field = followed(field, `${name}/${view.name}`, args, { mode: 'latest', codec: ['lz4', 'raw'] });
}

function followSeries(): void {
  void lost.value;
  const now = state.world.value;
  if (!state.connected.value || !now) return;
  const columns = now.series.map((one) => one.name).join(' ');
  const maxFps = hidden.value ? 0 : SERIES_FPS;
  const topic = `${now.name}/series`;
  // The law is part of what is watched: another law has other columns.
  if (charts && charts.topic !== `${topic} ${columns}`) charts = unwatched(charts);
  if (!charts) {
    charts = { sub: ++lastSub, topic: `${topic} ${columns}`, args: String(maxFps) };
    const { sub } = charts;
    void subscribe({ sub, topic, maxFps }).then((result) => {
      if (charts?.sub === sub && result) beginSeries(result.columns as string[]);
    });
  } else if (charts.args !== String(maxFps)) {
    charts.args = String(maxFps);
    void ask('sub.update', { sub: charts.sub, maxFps });
  }
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
    void subscribe({ sub: made.sub, topic, ...fixed, ...args });
    return made;
  }
  if (old.args !== text) void ask('sub.update', { sub: old.sub, ...args });
  return { ...old, args: text };
}

async function subscribe(args: { sub: number } & Record<string, unknown>) {
  const result = await ask('sub', args);
  if (!result && state.connected.peek()) ended(args.sub, TRY_AGAIN_MS);
  return result;
}

function unwatched(old: Watched): null {
  void ask('unsub', { sub: old.sub });
  return null;
}

function beginSeries(columns: string[]): void {
  history.begin(columns);
  state.series.value = { columns, data: history.data };
}

// --- news ---------------------------------------------------------------------------------------------------------

function receive(news: News): void {
  if (news.from === 'frame') onFrame(news);
  else if (news.from === 'series') addSeries(news.sub, news.rows);
  else if (news.from === 'event') event(news.name, news.data);
  else if (news.from === 'hello') greeted(news.hello);
  else if (news.from === 'phase') phased(news.phase);
  else if (news.from === 'traffic') {
    state.gauge.value = { ...state.gauge.peek(), bytesPerSecond: news.bytesPerSecond };
  }
}

function phased(phase: typeof state.phase.value): void {
  batch(() => {
    state.phase.value = phase;
    if (phase.name === 'open') return;
    field = charts = null;
    clock.clear();
  });
}

function greeted(hello: Hello): void {
  batch(() => {
    state.hello.value = hello;
    state.worlds.value = [];
    hello.state.worlds.forEach(state.worldChanged);
    lost.value += 1;
  });
  void ping();
}

function event(name: string, data: unknown): void {
  if (name === 'state') batch(() => state.worldChanged(data as World));
  else if (name === 'tick') state.ticked(data as Tick);
  else if (name === 'removed') state.worldRemoved((data as { world: string }).world);
  else if (name === 'stats') {
    const { subs } = data as { subs: SubStats[] };
    state.stats.value = subs.find((one) => one.sub === field?.sub) ?? null;
  } else if (name === 'sub_stalled') void ask('sub.update', { sub: (data as { sub: number }).sub });
  else if (name === 'sub_ended') ended((data as { sub: number }).sub, NEWS_ON_ITS_WAY_MS);
}

function ended(sub: number, againAfterMs: number): void {
  if (field?.sub === sub) field = null;
  else if (charts?.sub === sub) charts = null;
  else return;
  setTimeout(() => (lost.value += 1), againAfterMs);
}

function addSeries(sub: number, rows: Float64Array[]): void {
  if (sub !== charts?.sub) return;
  for (const row of rows) history.push(row);
  state.series.value = { columns: history.columns, data: history.data };
}

async function ping(): Promise<void> {
  if (!state.connected.peek() || document.hidden) return;
  const result = await ask('ping', {});
  if (!result) return;
  clock.add(result.sent as number, result.received as number, result.t as number);
  state.gauge.value = { ...state.gauge.peek(), roundTripMs: clock.roundTrip };
}

export function ageOf(serverMicros: number): number | null {
  return clock.age(serverMicros, sharedNow());
}
