import { describe, expect, it } from 'vitest';
import type { Topic } from './objects';
import { streamOf, topicOf, withoutStream, withStream } from './streams';

const topic = (more: Partial<Topic> = {}): Topic => ({
  topic: 'stream/loss',
  shape: [48, 64],
  dtype: 'f32',
  range: null,
  unit: '',
  cyclic: false,
  channels: 1,
  ...more,
});

describe('a stream of a script', () => {
  it('is looked at like a world of its size with one view', () => {
    const stream = streamOf(topic({ channels: 3, range: [0, 255] }));
    expect(stream).toMatchObject({ name: 'stream/loss', size: [64, 48, 1], stream: true });
    expect(stream!.views).toEqual([
      {
        name: 'loss',
        title: 'loss',
        unit: '',
        range: [0, 255],
        cyclic: false,
        channels: 3,
      },
    ]);
  });

  it('is not a view of a world', () => {
    expect(streamOf(topic({ topic: 'lenia/u' }))).toBeNull();
    expect(withStream([], topic({ topic: 'lenia/u' }))).toEqual([]);
  });

  it('keeps its place when its shape changes, and goes when it is dropped', () => {
    let all = withStream([], topic());
    all = withStream(all, topic({ topic: 'stream/attention' }));
    all = withStream(all, topic({ shape: [2, 3] }));
    expect(all.map((one) => [one.name, one.size])).toEqual([
      ['stream/loss', [3, 2, 1]],
      ['stream/attention', [64, 48, 1]],
    ]);
    expect(withoutStream(all, 'stream/loss').map((one) => one.name)).toEqual(['stream/attention']);
    expect(withoutStream(all, 'stream/other')).toEqual(all);
  });

  it('has a topic without a view', () => {
    const stream = streamOf(topic())!;
    expect(topicOf(stream, 'loss')).toBe('stream/loss');
    expect(topicOf({ ...stream, stream: undefined, name: 'lenia' }, 'u')).toBe('lenia/u');
  });
});
