// Pictures that scripts show, as topics `stream/NAME`: looked at like worlds that have one view and take no orders. Pure.

import type { Topic, World } from './objects';

const PREFIX = 'stream/';

/** Null: a view of a world, which the world itself tells of. */
export function streamOf(topic: Topic): World | null {
  if (!topic.topic.startsWith(PREFIX)) return null;
  const name = topic.topic.slice(PREFIX.length);
  const [height, width] = topic.shape as [number, number];
  return {
    ...BARE,
    stream: true,
    name: topic.topic,
    size: [width, height, 1],
    dtype: topic.dtype,
    views: [
      {
        name,
        title: name,
        unit: topic.unit,
        range: topic.range ?? [0, 1],
        cyclic: topic.cyclic,
        channels: topic.channels,
      },
    ],
  };
}

/** Those there are, with one that came or has another shape. */
export function withStream(streams: readonly World[], topic: Topic): World[] {
  const stream = streamOf(topic);
  if (!stream) return [...streams];
  const at = streams.findIndex((one) => one.name === stream.name);
  return at < 0 ? [...streams, stream] : streams.with(at, stream);
}

export function withoutStream(streams: readonly World[], topic: string): World[] {
  return streams.filter((one) => one.name !== topic);
}

/** What to subscribe to, for a view of what is looked at. */
export function topicOf(world: World, view: string): string {
  return world.stream ? world.name : `${world.name}/${view}`;
}

const BARE: Omit<World, 'name' | 'size' | 'dtype' | 'views'> = {
  law: '',
  title: 'shown by a script',
  preset: '',
  device: '',
  path: '',
  init: '',
  seed: 0,
  params: {},
  pace: { mode: 'every', every: 1, maxFps: 60, stepsPerSecond: 0 },
  guard: 'pause',
  state: 'playing',
  step: 0,
  time: 0,
  stepsPerSecond: 0,
  cellsPerSecond: 0,
  failure: null,
  undo: 0,
  redo: 0,
  revision: 0,
  series: [],
};
