import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ServerClock } from './clock';
import { halfToFloat } from './decode/range';
import { count, decimalsOf, prefixed, short } from './format';
import { Painter } from './painter';
import { StickyRange } from './range';
import { History } from './series';
import { settled, throttled } from './throttle';

describe('numbers for people', () => {
  it('are short', () => {
    expect(short(0.123456)).toBe('0.1235');
    expect(short(-2)).toBe('\u22122');
    expect(short(1234567)).toBe('1.23e6');
    expect(short(0)).toBe('0');
    expect(short('NaN')).toBe('NaN');
    expect(count(1234567)).toBe('1\u2009234\u2009567');
    expect(prefixed(1234567)).toBe('1.23\u2009M');
    expect(prefixed(999.6)).toBe('1.00\u2009k');
    expect(decimalsOf(0.001)).toBe(3);
    expect(decimalsOf(1)).toBe(0);
  });
});

describe('the server clock', () => {
  it('trusts the quickest ping', () => {
    const clock = new ServerClock();
    expect(clock.age(0, 0)).toBeNull();
    clock.add(1000, 1100, 5_000_000); // ahead by 3950, round trip 100
    clock.add(2000, 2002, 6_001_000); // ahead by 4000
    expect(clock.roundTrip).toBe(2);
    expect(clock.age(6_501_000, 2510)).toBe(9);
  });
});

it('half floats are read like IEEE 754 says', () => {
  const cases = [0x3c00, 0xc000, 0x7bff, 0x0001, 0x7c00, 0x8000];
  expect(cases.map(halfToFloat)).toEqual([1, -2, 65504, 2 ** -24, Infinity, -0]);
  expect(halfToFloat(0x7e00)).toBeNaN();
});

describe('history', () => {
  it('forgets what came after a step that comes again', () => {
    const history = new History();
    history.begin(['step', 'mass']);
    for (const step of [1, 2, 3, 4]) history.push([step, step * 10]);
    history.push([2, 99]);
    expect(history.data).toEqual([
      [1, 2],
      [10, 99],
    ]);
  });

  it('keeps the whole run in bounded room', () => {
    const history = new History();
    history.begin(['step', 'mass']);
    for (let step = 0; step < 100_000; ++step) history.push([step, 1]);
    expect(history.data[0]!.length).toBeLessThan(4096);
    expect(history.data[0]!.length).toBeGreaterThan(1000);
    expect(history.data[0]![0]).toBe(0);
    expect(history.data[0]!.at(-1)).toBeGreaterThan(99_000);
  });
});

describe('sticky range', () => {
  it('grows at once with headroom, shrinks after two seconds', () => {
    const range = new StickyRange();
    expect(range.see(0, 1, false, 0)).toEqual([0, 1]);
    expect(range.see(0, 2, false, 10)).toEqual([0, 2.2]);
    expect(range.see(0, 1, false, 1000)).toEqual([0, 2.2]);
    expect(range.see(0, 1, false, 2100)).toEqual([0, 1]);
    range.restart();
    expect(range.see(-1, 3, true, 3000)).toEqual([-3, 3]);
  });
});

describe('with a clock', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('throttled calls keep the newest value', () => {
    const seen: number[] = [];
    const call = throttled<number>(100, (value) => seen.push(value));
    for (let i = 0; i < 5; ++i) call(i);
    expect(seen).toEqual([0]);
    vi.advanceTimersByTime(100);
    expect(seen).toEqual([0, 4]);
    vi.advanceTimersByTime(1000);
    call(9);
    expect(seen).toEqual([0, 4, 9]);
  });

  it('settled calls wait for quiet', () => {
    const seen: number[] = [];
    const call = settled<number>(120, (value) => seen.push(value));
    call(1);
    vi.advanceTimersByTime(100);
    call(2);
    vi.advanceTimersByTime(119);
    expect(seen).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(seen).toEqual([2]);
  });

  it('a stroke is a few joined messages with one id', () => {
    const sent: { points: number[][]; stroke: number }[] = [];
    const painter = new Painter(
      (args) => {
        sent.push(args as (typeof sent)[0]);
        return Promise.resolve();
      },
      () => 77,
    );
    painter.down({ tool: 'brush', radius: 2, value: 1, softness: 0 }, [0, 0]);
    for (let i = 1; i <= 600; ++i) painter.move([i, 0]);
    painter.up();
    expect(sent.every((message) => message.stroke === 77 && message.points.length <= 256)).toBe(
      true,
    );
    for (let i = 1; i < sent.length; ++i)
      expect(sent[i]!.points[0]).toEqual(sent[i - 1]!.points.at(-1));
    expect(sent.at(-1)!.points.at(-1)).toEqual([599.5, -0.5]);
    expect(painter.painting).toBe(false);
  });

  it('painting sends at most about thirty messages a second, and fewer when answers do not come', () => {
    const sent: unknown[] = [];
    const painter = new Painter((args) => (sent.push(args), new Promise(() => {})));
    painter.down({ tool: 'erase', radius: 2, value: 0, softness: 0 }, [0, 0]);
    for (let i = 1; i <= 1000; ++i) {
      painter.move([i, i]);
      vi.advanceTimersByTime(1);
    }
    expect(sent.length).toBeLessThanOrEqual(4);
  });
});
