// What the page knows and what was chosen, as signals. Nothing here talks to the server (see session.ts) or draws.

import { computed, signal } from '@preact/signals';
import type { Phase } from './client';
import type {
  Hello,
  Histogram,
  Job,
  Law,
  Probe,
  PythonHealth,
  SubStats,
  Tick,
  View,
  World,
} from './objects';
import type { PaintTool } from './painter';
import { withJob } from './python';
import { colormapFor, type ColormapName } from './render/colormap';
import type { Viewport } from './render/viewport';
import { stored } from './stored';

// --- what the server says -----------------------------------------------------------------------------------------

export const phase = signal<Phase>({ name: 'connecting' });
export const hello = signal<Hello | null>(null);
export const worlds = signal<World[]>([]);
/** What scripts show of their own, as if they were worlds: see streams.ts. */
export const streams = signal<World[]>([]);
export const ticks = signal<Record<string, Tick>>({});
export const stats = signal<SubStats | null>(null);
export const probe = signal<Probe | null>(null);
export const histogram = signal<Histogram | null>(null);
export const python = signal<PythonHealth | null>(null);
/** Scripts that wait or run, by their job's name. */
export const jobs = signal<Record<string, Job>>({});
export const series = signal<{ columns: string[]; data: number[][] }>({ columns: [], data: [] });

/** The frame on the screen, without its texels. */
export interface Shown {
  step: number;
  time: number;
  still: boolean;
  lod: number;
  width: number;
  height: number;
  channels: number;
  lo: number;
  hi: number;
}
export const shown = signal<Shown | null>(null);
/** Parts of it that seldom change: reading these does not render with every frame. */
export const lowest = computed(() => shown.value?.lo ?? 0);
export const highest = computed(() => shown.value?.hi ?? 1);
export const shownChannels = computed(() => shown.value?.channels ?? 0);
export const shownLod = computed(() => shown.value?.lod ?? 0);
export const still = computed(() => shown.value?.still ?? false);

export interface Gauge {
  fps: number;
  ageMs: number | null;
  roundTripMs: number | null;
  bytesPerSecond: number;
}
export const gauge = signal<Gauge>({ fps: 0, ageMs: null, roundTripMs: null, bytesPerSecond: 0 });

// --- what was chosen ----------------------------------------------------------------------------------------------

export const chosenWorld = signal<string | null>(null);
/** The view last looked at, for each world. */
export const chosenViews = signal<Record<string, string>>({});
export const viewport = signal<Viewport | null>(null);
export const layer = signal<{ z: number; depth: 'slice' | 'max' }>({ z: -1, depth: 'slice' });

export type Tool = 'pan' | PaintTool;
export const tool = signal<Tool>('brush');
export const brush = stored('brush', {
  radius: 6,
  value: 1,
  softness: 0.3,
  pattern: 'glider',
  rle: '',
});
/** The cell under the pointer, or the keyboard's cursor. */
export const cursor = signal<{ x: number; y: number; keyboard: boolean } | null>(null);

export interface Colours {
  colormap: ColormapName;
  inverted: boolean;
  log: boolean;
  range: 'auto' | 'symmetric' | [number, number];
}
/** Chosen colours for each `law/view`. */
export const chosenColours = stored<Record<string, Partial<Colours>>>('colours', {});
export const precise = stored('precise', false);
export const tiled = stored('tiled', false);
export const theme = stored<'dark' | 'light'>('theme', prefersLight() ? 'light' : 'dark');
export const hiddenSeries = stored<Record<string, boolean>>('hidden-series', {});
export const dockOpen = stored('dock', true);
export const openSections = stored<Record<string, boolean>>('sections', {});

// --- what follows -------------------------------------------------------------------------------------------------

export const world = computed<World | null>(() => {
  const all = [...worlds.value, ...streams.value];
  return all.find((one) => one.name === chosenWorld.value) ?? all[0] ?? null;
});

export const law = computed<Law | null>(
  () => hello.value?.laws.find((one) => one.name === world.value?.law) ?? null,
);

export const view = computed<View | null>(() => {
  const now = world.value;
  if (!now) return null;
  const named = (name: string | undefined) => now.views.find((one) => one.name === name);
  return named(chosenViews.value[now.name]) ?? named(law.value?.view) ?? now.views[0] ?? null;
});

const colourKey = computed(() => {
  const law = world.value?.stream ? 'stream' : (world.value?.law ?? '');
  return `${law}/${view.value?.name ?? ''}`;
});

export const colours = computed<Colours>(() => ({
  colormap: colormapFor(law.value?.colormap ?? '', view.value),
  inverted: false,
  log: false,
  range: 'auto',
  ...chosenColours.value[colourKey.value],
}));

export const volume = computed(() => (world.value?.size[2] ?? 1) > 1);
export const inStream = computed(() => world.value?.stream === true);
export const mayOperate = computed(
  () => (hello.value?.role ?? 'viewer') !== 'viewer' && !inStream.value,
);
export const mayRunScripts = computed(() =>
  ['script', 'admin'].includes(hello.value?.role ?? 'viewer'),
);
export const isAdmin = computed(() => hello.value?.role === 'admin');
export const connected = computed(() => phase.value.name === 'open');

// --- choosing -----------------------------------------------------------------------------------------------------

export function chooseWorld(name: string): void {
  if (chosenWorld.value === name) return;
  chosenWorld.value = name;
  layer.value = { z: -1, depth: 'slice' };
}

export function chooseView(name: string): void {
  const now = world.value;
  if (now) chosenViews.value = { ...chosenViews.value, [now.name]: name };
}

export function chooseColours(change: Partial<Colours>): void {
  const key = colourKey.value;
  chosenColours.value = {
    ...chosenColours.value,
    [key]: { ...chosenColours.value[key], ...change },
  };
}

// --- events -------------------------------------------------------------------------------------------------------

export function worldChanged(changed: World): void {
  const at = worlds.value.findIndex((one) => one.name === changed.name);
  worlds.value = at < 0 ? [...worlds.value, changed] : worlds.value.with(at, changed);
  ticked({
    world: changed.name,
    step: changed.step,
    time: changed.time,
    stepsPerSecond: changed.stepsPerSecond,
    cellsPerSecond: changed.cellsPerSecond,
  });
}

export function worldRemoved(name: string): void {
  worlds.value = worlds.value.filter((one) => one.name !== name);
}

export function ticked(tick: Tick): void {
  ticks.value = { ...ticks.value, [tick.world]: tick };
}

export function jobChanged(job: Job): void {
  jobs.value = withJob(jobs.value, job);
}

function prefersLight(): boolean {
  return typeof matchMedia === 'function' && matchMedia('(prefers-color-scheme: light)').matches;
}
