// Turns a pointer's path into field.paint messages: few, joined, all of one stroke.

export type PaintTool = 'brush' | 'erase' | 'noise' | 'stamp';

export interface Brush {
  tool: PaintTool;
  radius: number;
  value: number;
  softness: number;
  pattern?: string;
  channel?: string;
  z?: number;
}

type Point = [number, number];

const EVERY_MS = 33;
const MOST_POINTS = 256;
const MOST_IN_FLIGHT = 4;

// On the screen cell (x, y) is the square from x, y; on the wire its middle is at x, y. Hundredths do.
const onWire = (at: Point) => at.map((value) => Math.round((value - 0.5) * 100) / 100);

export class Painter {
  private points: Point[] = [];
  private last: Point | null = null;
  private stroke = 0;
  private brush: Brush | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private inFlight = 0;

  constructor(
    private readonly send: (args: Record<string, unknown>) => Promise<unknown>,
    private readonly newStroke: () => number = () => 1 + Math.floor(Math.random() * 2 ** 48),
  ) {}

  get painting(): boolean {
    return this.brush !== null;
  }

  down(brush: Brush, at: Point): void {
    this.up();
    this.brush = brush;
    this.stroke = this.newStroke();
    this.last = null;
    this.points = [at];
    this.flush();
  }

  move(at: Point): void {
    if (!this.brush || this.brush.tool === 'stamp') return;
    const previous = this.points.at(-1) ?? this.last;
    if (previous && Math.hypot(previous[0] - at[0], previous[1] - at[1]) < 0.25) return;
    this.points.push(at);
    this.schedule();
  }

  up(): void {
    if (!this.brush) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    while (this.points.length > 0) this.flush();
    this.brush = null;
  }

  private schedule(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (this.points.length === 0) return;
      if (this.inFlight >= MOST_IN_FLIGHT) this.schedule();
      else this.flush();
    }, EVERY_MS);
  }

  private flush(): void {
    const brush = this.brush!;
    const joined = this.last ? [this.last, ...this.points] : this.points;
    const points = joined.slice(0, MOST_POINTS);
    this.points = joined.slice(MOST_POINTS);
    this.last = points.at(-1)!;
    ++this.inFlight;
    const done = () => void --this.inFlight;
    this.send({ ...brush, points: points.map(onWire), stroke: this.stroke }).then(done, done);
    if (this.points.length > 0) this.schedule();
  }
}
