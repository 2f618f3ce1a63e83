// The frame on the screen: the newest that came, drawn once per animation frame and only when something changed.

import { signal } from '@preact/signals';
import type { Frame } from '../frame';
import { shownRange, StickyRange } from '../range';
import { FieldRenderer, type Rgb } from '../render/field';
import type { FrameNews } from '../link';
import { link } from '../requests';
import { ageOf } from '../session';
import * as state from '../state';
import { fieldSub } from '../subscriptions';
import { fieldSize } from './looking';
import { refreshProbe } from './probe';

const OUTSIDE: Record<'dark' | 'light', { outside: Rgb; edge: Rgb }> = {
  dark: { outside: [0.031, 0.039, 0.051], edge: [0.17, 0.2, 0.25] },
  light: { outside: [0.9, 0.912, 0.929], edge: [0.68, 0.71, 0.76] },
};

/** Why nothing can be drawn; null when it can. */
export const noWebgl = signal<string | null>(null);

let canvas: HTMLCanvasElement | null = null;
let renderer: FieldRenderer | null = null;
let current: FrameNews | null = null;
/** Came after the last drawing; not acknowledged yet. */
let next: FrameNews | null = null;
let scheduled = 0;
let drawnThisSecond = 0;
const sticky = new StickyRange();

/** Draws on this canvas from now on. */
export function drawOn(element: HTMLCanvasElement): void {
  canvas = element;
  try {
    renderer = FieldRenderer.create(element);
  } catch (error) {
    noWebgl.value = (error as Error).message;
  }
}

/** The canvas lost its textures and can be drawn on again. */
export function restore(): void {
  renderer?.prepare();
  if (current) renderer?.upload(current.frame);
  invalidate();
}

/** The newest frame wins; one that was replaced before it was drawn is acknowledged all the same. */
export function accept(news: FrameNews): void {
  if (news.frame.sub !== fieldSub()) return release(news);
  if (next) release(next);
  next = news;
  invalidate();
}

function release({ frame }: FrameNews): void {
  link.shown(frame.sub, frame.seq);
  link.free(frame.texels);
}

/** Another world's picture is not shown under this one's name. */
export function forget(): void {
  if (next) release(next);
  if (current) link.free(current.frame.texels);
  next = current = null;
  renderer?.clear();
  sticky.restart();
  state.shown.value = null;
  state.probe.value = null;
}

export function invalidate(): void {
  scheduled ||= requestAnimationFrame(draw);
}

function draw(): void {
  scheduled = 0;
  const view = state.viewport.peek();
  if (!renderer || !canvas || !view) return;
  if (next) show(next);
  const range = state.shown.peek();
  renderer.draw(
    {
      view,
      field: fieldSize(),
      ...state.colours.peek(),
      range: [range?.lo ?? 0, range?.hi ?? 1],
      cyclic: state.view.peek()?.cyclic ?? false,
      tiled: state.tiled.peek(),
      ...OUTSIDE[state.theme.peek()],
    },
    devicePixelRatio,
  );
}

function show(news: FrameNews): void {
  next = null;
  const { frame } = news;
  if (current) {
    if (current.frame.sub !== frame.sub) sticky.restart();
    link.free(current.frame.texels);
  }
  current = news;
  renderer!.upload(frame);
  link.shown(frame.sub, frame.seq);
  ++drawnThisSecond;
  const { step, time, still, lod, width, height, channels } = frame;
  const wanted = state.colours.peek().range;
  const [lo, hi] = shownRange(wanted, frame, [news.lo, news.hi], sticky, performance.now());
  state.shown.value = { step, time, still, lod, width, height, channels, lo, hi };
  refreshProbe();
}

setInterval(() => {
  const ageMs = current && !current.frame.still ? ageOf(current.frame.clock) : null;
  const fps = drawnThisSecond;
  drawnThisSecond = 0;
  const gauge = state.gauge.peek();
  if (gauge.fps !== fps || gauge.ageMs !== ageMs) state.gauge.value = { ...gauge, fps, ageMs };
}, 1000);

/** The frame on the screen; texels are those of its level of detail. */
export function frameShown(): Frame | null {
  return current?.frame ?? null;
}

/** A picture of the canvas as PNG. */
export function screenshot(): Promise<Blob | null> {
  draw(); // what was drawn before is gone from the canvas
  return new Promise((resolve) => (canvas ? canvas.toBlob(resolve) : resolve(null)));
}
