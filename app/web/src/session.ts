// Ties the worker to the state: what arrives becomes signals.

import { batch } from '@preact/signals';
import { ServerClock } from './clock';
import type { FrameNews, News } from './link';
import { sharedNow } from './messages';
import type { Hello, Job, PythonHealth, SubStats, Tick, Topic, World } from './objects';
import { ask, open } from './requests';
import * as state from './state';
import { withoutStream, withStream } from './streams';
import { addSeries, dropAll, ended, fieldSub, makeAgain, subscribe } from './subscriptions';

const PING_EVERY_MS = 2000;
const NEWS_ON_ITS_WAY_MS = 100; // a world's new state follows the end of what it no longer has

const clock = new ServerClock();
let onFrame: (news: FrameNews) => void = () => {};

export function start(showFrame: (news: FrameNews) => void): void {
  onFrame = showFrame;
  setInterval(() => void ping(), PING_EVERY_MS);
  subscribe();
  open(receive);
}

/** Milliseconds since the server read this clock; null while the two clocks are not yet compared. */
export function ageOf(serverMicros: number): number | null {
  return clock.age(serverMicros, sharedNow());
}

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
    dropAll();
    clock.clear();
  });
}

function greeted(hello: Hello): void {
  batch(() => {
    state.hello.value = hello;
    state.worlds.value = [];
    hello.state.worlds.forEach(state.worldChanged);
    state.streams.value = (hello.topics ?? []).reduce(withStream, [] as World[]);
    state.python.value = hello.python ?? null;
    state.jobs.value = {};
    makeAgain();
  });
  void ping();
  void readJobs(hello);
}

/** What began before this page came; changes come as events. */
async function readJobs(hello: Hello): Promise<void> {
  if (!hello.caps.includes('scripts') || !state.mayRunScripts.peek()) return;
  const result = await ask('script.list', {});
  if (!result || state.hello.peek() !== hello) return;
  const known = state.jobs.peek();
  batch(() => {
    for (const job of result.jobs as Job[]) if (!(job.job in known)) state.jobChanged(job);
  });
}

function event(name: string, data: unknown): void {
  if (name === 'state') batch(() => state.worldChanged(data as World));
  else if (name === 'tick') state.ticked(data as Tick);
  else if (name === 'python') state.python.value = data as PythonHealth;
  else if (name === 'job') state.jobChanged(data as Job);
  else if (name === 'removed') state.worldRemoved((data as { world: string }).world);
  else if (name === 'topic') state.streams.value = withStream(state.streams.peek(), data as Topic);
  else if (name === 'topic_removed') {
    state.streams.value = withoutStream(state.streams.peek(), (data as { topic: string }).topic);
  } else if (name === 'stats') {
    const { subs } = data as { subs: SubStats[] };
    state.stats.value = subs.find((one) => one.sub === fieldSub()) ?? null;
  } else if (name === 'sub_stalled') void ask('sub.update', { sub: (data as { sub: number }).sub });
  else if (name === 'sub_ended') ended((data as { sub: number }).sub, NEWS_ON_ITS_WAY_MS);
}

async function ping(): Promise<void> {
  if (!state.connected.peek() || document.hidden) return;
  const result = await ask('ping', {});
  if (!result) return;
  clock.add(result.sent as number, result.received as number, result.t as number);
  state.gauge.value = { ...state.gauge.peek(), roundTripMs: clock.roundTrip };
}
