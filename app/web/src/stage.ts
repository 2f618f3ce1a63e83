// The field on the screen: takes frames, keeps the viewport, draws once per animation frame and only when something
// changed.

import { batch, computed, effect, signal } from '@preact/signals';
import { texelCount, texelValue } from './decode/range';
import type { Frame } from './frames';
import { shownRange, StickyRange } from './range';
import { FieldRenderer, type Rgb } from './render/field';
import * as port from './render/viewport';
import { ageOf, ask, fieldSub, link, wish, type FrameNews } from './session';
import * as state from './state';
import { settled, throttled } from './throttle';

const QUIET_MS = 120;
const PROBE_MS = 125;
const OUTSIDE: Record<'dark' | 'light', { outside: Rgb; edge: Rgb }> = {
  dark: { outside: [0.031, 0.039, 0.051], edge: [0.17, 0.2, 0.25] },
  light: { outside: [0.9, 0.912, 0.929], edge: [0.68, 0.71, 0.76] },
};

/** CSS pixels. */
export const canvasSize = signal<port.Size>([1, 1]);
/** The whole field is shown and stays so when the window changes. */
const fitting = signal(true);
export const zoomed = computed(() => !fitting.value);
export const noWebgl = signal<string | null>(null);

let canvas: HTMLCanvasElement | null = null;
let renderer: FieldRenderer | null = null;
let current: FrameNews | null = null;
let next: FrameNews | null = null;
let scheduled = 0;
let drawnThisSecond = 0;
const sticky = new StickyRange();

// --- frames -------------------------------------------------------------------------------------------------------

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

export function invalidate(): void {
  scheduled ||= requestAnimationFrame(draw);
}

function draw(): void {
  scheduled = 0;
  const view = state.viewport.peek();
  const world = state.world.peek();
  if (!renderer || !canvas || !view) return;
  if (next) show(next);
  const colours = state.colours.peek();
  const range = state.shown.peek();
  renderer.draw(
    {
      view,
      field: world ? [world.size[0], world.size[1]] : [1, 1],
      ...colours,
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

// --- viewport -----------------------------------------------------------------------------------------------------

export function fieldSize(): port.Size {
  const size = state.world.peek()?.size;
  return size ? [size[0], size[1]] : [1, 1];
}

export function fit(): void {
  batch(() => {
    fitting.value = true;
    state.viewport.value = port.fitted(fieldSize(), canvasSize.peek());
  });
}

export function oneToOne(): void {
  const view = state.viewport.peek();
  if (view) look({ ...view, zoom: 1 / devicePixelRatio });
}

export function zoom(
  factor: number,
  px = canvasSize.peek()[0] / 2,
  py = canvasSize.peek()[1] / 2,
): void {
  const view = state.viewport.peek();
  if (view) look(port.zoomedAt(view, fieldSize(), canvasSize.peek(), px, py, factor));
}

export function pan(dx: number, dy: number): void {
  const view = state.viewport.peek();
  if (view) look(port.panned(view, fieldSize(), dx, dy));
}

function look(view: port.Viewport): void {
  batch(() => {
    fitting.value = false;
    state.viewport.value = view;
  });
}

/** The cell under a pixel of the canvas; null outside the field. */
export function cellAt(px: number, py: number): [number, number] | null {
  const view = state.viewport.peek();
  if (!view) return null;
  const [x, y] = port.cellAt(view, canvasSize.peek(), px, py);
  const [w, h] = fieldSize();
  if (state.tiled.peek()) return [((x % w) + w) % w, ((y % h) + h) % h];
  return x >= 0 && y >= 0 && x < w && y < h ? [x, y] : null;
}

/** Without the field's edge: a stroke may leave it and come in on the other side. */
export function cellBeyond(px: number, py: number): [number, number] {
  return port.cellAt(state.viewport.peek() ?? { x: 0, y: 0, zoom: 1 }, canvasSize.peek(), px, py);
}

function wanted(): void {
  const view = state.viewport.peek();
  const world = state.world.peek();
  if (!view || !world) return;
  const field = fieldSize();
  const tiled = state.tiled.peek();
  const now = port.wishFor(view, field, canvasSize.peek(), devicePixelRatio, tiled);
  const before = wish.peek();
  if (before?.world === world.name && current) {
    const visible = tiled ? now.roi : port.visibleCells(view, field, canvasSize.peek());
    if (!port.wantsUpdate(now, visible, current.frame)) return;
  }
  wish.value = { ...now, world: world.name };
}
const wantedWhenQuiet = settled<void>(QUIET_MS, wanted);

let seenWorld = '';
let place: port.Viewport | undefined;

/** Where the next world that comes into view is looked at. */
export function lookNext(at: port.Viewport | undefined): void {
  place = at;
  seenWorld = '';
}

export function followWorld(): void {
  const world = state.world.value;
  if (!world || canvasSize.value[0] <= 1) return;
  const key = `${world.name} ${world.size.join('x')}`;
  if (key === seenWorld) return;
  seenWorld = key;
  forget();
  batch(() => {
    fitting.value = place === undefined;
    state.viewport.value = place ?? port.fitted([world.size[0], world.size[1]], canvasSize.peek());
    place = undefined;
    wanted();
  });
}

/** Another world's picture is not shown under this one's name. */
function forget(): void {
  if (current) link.free(current.frame.texels);
  current = null;
  renderer?.clear();
  sticky.restart();
  state.shown.value = null;
  state.probe.value = null;
}

function followSize(): void {
  void canvasSize.value;
  if (seenWorld && fitting.peek())
    state.viewport.value = port.fitted(fieldSize(), canvasSize.peek());
}

// --- probe --------------------------------------------------------------------------------------------------------

const readProbe = throttled<void>(PROBE_MS, () => {
  const at = state.cursor.peek();
  const world = state.world.peek();
  if (!at || !world) {
    state.probe.value = null;
    return;
  }
  const { z, depth } = state.layer.peek();
  const layer = depth === 'slice' && z >= 0 ? z : Math.floor(world.size[2] / 2);
  void ask('probe.read', { world: world.name, x: at.x, y: at.y, z: layer }).then((result) => {
    if (result && state.cursor.peek())
      state.probe.value = result as unknown as typeof state.probe.value;
  });
});

function refreshProbe(): void {
  if (state.cursor.peek() && !document.hidden) readProbe();
}

// --- life ---------------------------------------------------------------------------------------------------------

/** Returns what ends it. */
export function mount(element: HTMLCanvasElement): () => void {
  canvas = element;
  try {
    renderer = FieldRenderer.create(element);
  } catch (error) {
    noWebgl.value = (error as Error).message;
  }
  const resize = () => {
    const { clientWidth, clientHeight } = element;
    element.width = Math.round(clientWidth * devicePixelRatio);
    element.height = Math.round(clientHeight * devicePixelRatio);
    canvasSize.value = [clientWidth, clientHeight];
    invalidate();
  };
  const observer = new ResizeObserver(resize);
  observer.observe(element);
  const lost = (event: Event) => event.preventDefault();
  const restored = () => {
    renderer?.prepare();
    if (current) renderer?.upload(current.frame);
    invalidate();
  };
  element.addEventListener('webglcontextlost', lost);
  element.addEventListener('webglcontextrestored', restored);
  const ends = [effect(followWorld), effect(followSize), effect(followLook), effect(followCursor)];
  resize();
  return () => {
    observer.disconnect();
    ends.forEach((end) => end());
  };
}

function followLook(): void {
  void [state.colours.value, state.theme.value, state.tiled.value, state.world.value?.size];
  void [state.viewport.value, canvasSize.value];
  const range = state.colours.value.range;
  const before = state.shown.peek();
  if (Array.isArray(range) && before) state.shown.value = { ...before, lo: range[0], hi: range[1] };
  invalidate();
  wantedWhenQuiet();
}

function followCursor(): void {
  void [state.cursor.value?.x, state.cursor.value?.y, state.layer.value];
  readProbe();
}

/** A picture of the canvas as PNG. */
export function screenshot(): Promise<Blob | null> {
  draw();
  return new Promise((resolve) => (canvas ? canvas.toBlob(resolve) : resolve(null)));
}

// --- for tests ----------------------------------------------------------------------------------------------------

/** The frame on the screen; texels are those of its level of detail. */
export function frameForTests(): Frame | null {
  return current?.frame ?? null;
}

export function summary(): { mean: number; checksum: number } {
  const frame = current?.frame;
  if (!frame) return { mean: NaN, checksum: 0 };
  let sum = 0;
  let seen = 0;
  for (let i = 0; i < texelCount(frame); ++i) {
    const value = texelValue(frame, i);
    if (Number.isFinite(value)) {
      sum += value;
      ++seen;
    }
  }
  let checksum = 0x811c9dc5;
  for (const byte of new Uint8Array(frame.texels))
    checksum = Math.imul(checksum ^ byte, 0x01000193) >>> 0;
  return { mean: sum / seen, checksum };
}
