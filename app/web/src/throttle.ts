/** Calls `run` with the newest value, at most once in `ms`; the last value is never lost. */
export function throttled<T>(ms: number, run: (value: T) => void): (value: T) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waiting: { value: T } | null = null;
  const tick = () => {
    timer = undefined;
    if (!waiting) return;
    const { value } = waiting;
    waiting = null;
    timer = setTimeout(tick, ms);
    run(value);
  };
  return (value) => {
    waiting = { value };
    if (timer === undefined) tick();
  };
}

/** Calls `run` once nothing came for `ms`. */
export function settled<T>(ms: number, run: (value: T) => void): (value: T) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (value) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(value), ms);
  };
}
