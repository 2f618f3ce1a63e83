import type { Action } from '../actions';

const NAMES: Record<string, string> = { mod: 'Ctrl', shift: 'Shift' };

export function keysOf(action: Action): string[] {
  const text = action.shown ?? action.keys?.[0];
  if (!text) return [];
  if (action.shown) return text.split(' ');
  return text.split('+').map((key) => NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key));
}

/** Keys as they are printed on the keyboard. */
export function Keys({ keys }: { keys: string[] }) {
  return (
    <span class="keys">
      {keys.map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  );
}
