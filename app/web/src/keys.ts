import { ACTIONS, dialog, toggle } from './actions';
import { moveCursor, paintAtCursor } from './brush';
import { releaseSpace, spaceHeld } from './input';
import * as state from './state';

const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const BY_KEY = new Map(
  ACTIONS.flatMap((action) => (action.keys ?? []).map((key) => [key, action])),
);

/** Keys belong to a text field, slider or list while it has the focus. */
function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest('input, textarea, select, dialog') !== null
  );
}

function onButton(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('button, a, summary') !== null;
}

function down(event: KeyboardEvent): void {
  const mod = event.ctrlKey || event.metaKey;
  if (event.altKey || (typing(event.target) && !(mod && event.key === 'k')) || dialog.peek())
    return;
  if (event.key === ' ' && !onButton(event.target)) {
    spaceHeld.value = true;
    event.preventDefault();
  } else if (event.target instanceof HTMLCanvasElement && onCanvas(event)) {
    event.preventDefault();
  } else if (!mod && /^[1-9]$/.test(event.key)) {
    const world = state.worlds.peek()[Number(event.key) - 1];
    if (world) state.chooseWorld(world.name);
  } else {
    const letter = event.key.length === 1 && event.key.toLowerCase() !== event.key.toUpperCase();
    const shift = event.shiftKey && letter ? 'shift+' : '';
    const action = BY_KEY.get(`${mod ? 'mod+' : ''}${shift}${event.key.toLowerCase()}`);
    if (!action) return;
    event.preventDefault();
    void action.run();
  }
}

function onCanvas(event: KeyboardEvent): boolean {
  const arrow = ARROWS[event.key];
  if (arrow) {
    const cells = event.shiftKey ? 10 : 1;
    moveCursor(arrow[0] * cells, arrow[1] * cells);
  } else if (event.key === 'Enter') {
    paintAtCursor();
  } else if (event.key === 'Escape') {
    state.cursor.value = null;
  } else {
    return false;
  }
  return true;
}

function up(event: KeyboardEvent): void {
  if (event.key !== ' ' || !spaceHeld.peek()) return;
  if (!releaseSpace()) void toggle();
}

export function listen(): void {
  addEventListener('keydown', down);
  addEventListener('keyup', up);
  addEventListener('blur', () => void releaseSpace());
}
