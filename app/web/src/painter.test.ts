import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Painter, type Brush } from './painter';

interface Sent {
  points: [number, number][];
  stroke: number;
  tool: string;
}

const brush: Brush = { tool: 'brush', radius: 4, value: 1, softness: 0 };
let sent: Sent[];
let answers: (() => void)[];
let painter: Painter;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  answers = [];
  let stroke = 0;
  painter = new Painter(
    (args) => {
      sent.push(args as unknown as Sent);
      return new Promise<void>((answer) => answers.push(answer));
    },
    () => ++stroke,
  );
});

afterEach(() => {
  painter.up();
  vi.useRealTimers();
});

it('sends a dab at once, with the middle of the cell at whole numbers', () => {
  painter.down(brush, [10.5, 20.25]);
  expect(sent).toEqual([{ ...brush, points: [[10, 19.75]], stroke: 1 }]);
});

it('gathers what the pointer passes into one message, joined to the point before', () => {
  painter.down(brush, [1, 1]);
  painter.move([2, 1]);
  painter.move([3, 1]);
  expect(sent).toHaveLength(1);
  vi.advanceTimersByTime(40);
  expect(sent[1]).toMatchObject({
    points: [
      [0.5, 0.5],
      [1.5, 0.5],
      [2.5, 0.5],
    ],
    stroke: 1,
  });
});

it('leaves out what hardly moves', () => {
  painter.down(brush, [1, 1]);
  painter.move([1.1, 1]);
  vi.advanceTimersByTime(40);
  expect(sent).toHaveLength(1);
});

it('sends the rest of a stroke when the pointer is lifted, and the next is another stroke', () => {
  painter.down(brush, [1, 1]);
  painter.move([9, 1]);
  painter.up();
  expect(sent.at(-1)!.points.at(-1)).toEqual([8.5, 0.5]);
  expect(painter.painting).toBe(false);
  painter.down(brush, [5, 5]);
  expect(sent.map((each) => each.stroke)).toEqual([1, 1, 2]);
});

it('waits while four messages are unanswered, and loses nothing', async () => {
  painter.down(brush, [0, 0]);
  for (let x = 1; x <= 10; ++x) {
    painter.move([x, 0]);
    vi.advanceTimersByTime(40);
  }
  expect(sent).toHaveLength(4);
  answers.forEach((answer) => answer());
  await vi.advanceTimersByTimeAsync(40);
  expect(sent.at(-1)!.points.at(-1)).toEqual([9.5, -0.5]);
});

it('cuts a long path into messages of 256 points that meet', () => {
  painter.down(brush, [0, 0]);
  for (let x = 1; x <= 400; ++x) painter.move([x, 0]);
  painter.up();
  expect(sent.map((each) => each.points.length)).toEqual([1, 256, 146]);
  expect(sent[2]!.points[0]).toEqual(sent[1]!.points.at(-1));
});

it('stamps once however the pointer moves', () => {
  painter.down({ ...brush, tool: 'stamp', pattern: 'glider' }, [4.5, 4.5]);
  painter.move([9, 9]);
  painter.up();
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({ tool: 'stamp', pattern: 'glider', points: [[4, 4]] });
});
