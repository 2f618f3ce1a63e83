import { effect, signal, type Signal } from '@preact/signals';

/** A signal kept in the browser's storage, where there is one. Never for credentials. */
export function stored<T>(name: string, initial: T): Signal<T> {
  const key = `atheria.${name}`;
  const kept = signal(load(key, initial));
  let first = true;
  effect(() => {
    const text = JSON.stringify(kept.value);
    if (!first) save(key, text);
    first = false;
  });
  return kept;
}

function load<T>(key: string, initial: T): T {
  try {
    const text = localStorage.getItem(key);
    if (text === null) return initial;
    const value = JSON.parse(text) as T;
    if (typeof value !== typeof initial) return initial;
    return typeof initial === 'object' ? { ...initial, ...value } : value;
  } catch {
    return initial; // no storage, or not what we wrote
  }
}

function save(key: string, text: string): void {
  try {
    localStorage.setItem(key, text);
  } catch {
    // full or forbidden: the choice lasts as long as the page
  }
}
