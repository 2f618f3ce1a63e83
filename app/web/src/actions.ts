// Everything the page can do, once: buttons, keys and the palette all use these.

import { signal } from '@preact/signals';
import { resizeBrush } from './brush';
import { notify } from './notices';
import type { ParamValue } from './objects';
import { faster } from './pace';
import { COLORMAPS } from './render/colormap';
import { command } from './requests';
import { fit, oneToOne } from './stage/looking';
import { screenshot } from './stage/screen';
import * as state from './state';

export type Dialog = 'help' | 'palette' | 'create' | null;
export const dialog = signal<Dialog>(null);

// --- the world ----------------------------------------------------------------------------------------------------

export function playing(): boolean {
  return state.world.peek()?.state === 'playing';
}

export const toggle = () => command(playing() ? 'sim.pause' : 'sim.play');
export const step = (n = 1) => command('sim.step', { n });
export const reset = () => command('sim.reset');
export const undo = () => command('field.undo');
export const redo = () => command('field.redo');
export const newSeed = () => command('field.seed', { seed: Math.floor(Math.random() * 1e9) });
export const setParams = (params: Record<string, ParamValue>) => command('sim.set', { params });

// --- the look -----------------------------------------------------------------------------------------------------

export function nextColormap(): void {
  const at = COLORMAPS.indexOf(state.colours.peek().colormap);
  state.chooseColours({ colormap: COLORMAPS[(at + 1) % COLORMAPS.length] });
}

export function toggleTheme(): void {
  state.theme.value = state.theme.peek() === 'dark' ? 'light' : 'dark';
}

export function fullscreen(): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  else
    void document
      .querySelector('.stage')
      ?.requestFullscreen()
      .catch(() => {});
}

export async function saveImage(): Promise<void> {
  const blob = await screenshot();
  const world = state.world.peek();
  if (!blob || !world) return notify('There is no picture to save yet.');
  save(
    URL.createObjectURL(blob),
    `${world.name.replace('/', '-')}-${state.view.peek()?.name}-${state.shown.peek()?.step}.png`,
  );
}

export function saveField(): void {
  const name = state.world.peek()?.name;
  if (state.inStream.peek()) return notify('A script shows this: it has no field to save.');
  if (name) save(`/api/v1/worlds/${encodeURIComponent(name)}/field.npy`, `${name}.npy`);
}

function save(url: string, name: string): void {
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  if (url.startsWith('blob:')) setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export async function signOut(): Promise<void> {
  await fetch('/logout', { method: 'POST', headers: { 'X-Atheria': '1' } }).catch(() => {});
  location.reload();
}

// --- the list -----------------------------------------------------------------------------------------------------

export interface Action {
  title: string;
  group: 'World' | 'Tools' | 'View' | 'Page';
  /** As KeyboardEvent.key, lower case; with `mod+` (Ctrl or Cmd) and `shift+`. Several: any of them. */
  keys?: string[];
  /** How the help shows it, where the keys alone would not say. */
  shown?: string;
  run: () => unknown;
}

const choose = (tool: state.Tool) => () => (state.tool.value = tool);

export const ACTIONS: Action[] = [
  // Space itself is in keys.ts: held, it pans.
  { title: 'Play or pause', group: 'World', shown: 'Space', run: toggle },
  { title: 'Step once', group: 'World', keys: ['n'], run: () => step() },
  { title: 'Step ten times', group: 'World', keys: ['shift+n'], run: () => step(10) },
  { title: 'Faster', group: 'World', keys: ['+', '='], shown: '+', run: () => faster(2) },
  { title: 'Slower', group: 'World', keys: ['-', '_'], shown: '−', run: () => faster(0.5) },
  { title: 'Reset to how it was made', group: 'World', keys: ['r'], run: reset },
  { title: 'Start again from a new seed', group: 'World', keys: ['s'], run: newSeed },
  { title: 'Undo the last edit', group: 'World', keys: ['mod+z'], run: undo },
  { title: 'Redo', group: 'World', keys: ['mod+shift+z', 'mod+y'], run: redo },
  { title: 'New world', group: 'World', run: () => (dialog.value = 'create') },
  { title: 'Move the field', group: 'Tools', keys: ['v'], run: choose('pan') },
  { title: 'Brush', group: 'Tools', keys: ['b'], run: choose('brush') },
  { title: 'Erase', group: 'Tools', keys: ['e'], run: choose('erase') },
  { title: 'Noise', group: 'Tools', keys: ['x'], run: choose('noise') },
  { title: 'Stamp a pattern', group: 'Tools', keys: ['p'], run: choose('stamp') },
  { title: 'Smaller brush', group: 'Tools', keys: ['['], run: () => resizeBrush(0.8) },
  { title: 'Larger brush', group: 'Tools', keys: [']'], run: () => resizeBrush(1.25) },
  { title: 'Fit the whole field', group: 'View', keys: ['0'], run: fit },
  {
    title: 'One cell, one pixel',
    group: 'View',
    keys: ['shift+1', '!'],
    shown: 'Shift 1',
    run: oneToOne,
  },
  { title: 'Next colormap', group: 'View', keys: ['c'], run: nextColormap },
  { title: 'Invert the colours', group: 'View', keys: ['i'], run: invertColours },
  { title: 'Full screen', group: 'View', keys: ['f'], run: fullscreen },
  { title: 'Save the picture (PNG)', group: 'View', run: saveImage },
  { title: 'Save the exact field (.npy)', group: 'View', run: saveField },
  { title: 'Light or dark', group: 'Page', keys: ['l'], run: toggleTheme },
  {
    title: 'Find an action',
    group: 'Page',
    keys: ['mod+k'],
    run: () => (dialog.value = 'palette'),
  },
  { title: 'Help', group: 'Page', keys: ['?'], run: () => (dialog.value = 'help') },
  { title: 'Sign out', group: 'Page', run: signOut },
];

export function invertColours(): void {
  state.chooseColours({ inverted: !state.colours.peek().inverted });
}
