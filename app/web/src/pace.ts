// How fast the world in view runs, in steps a second; 0: as fast as it goes.

import { command } from './requests';
import * as state from './state';

const SLOWEST = 1;
const FASTEST = 1e5;

/** At a place 0..1 of the speed slider: logarithmic, with no limit at its end. */
export function speedAt(place: number): number {
  if (place >= 1) return 0;
  const speed = SLOWEST * (FASTEST / SLOWEST) ** (place / 0.98);
  return speed < 10 ? Math.round(speed * 2) / 2 : Number(speed.toPrecision(2));
}

export function placeOfSpeed(speed: number): number {
  if (speed <= 0) return 1;
  return Math.min(
    0.98,
    Math.max(0, (0.98 * Math.log(speed / SLOWEST)) / Math.log(FASTEST / SLOWEST)),
  );
}

export function setPace(change: Record<string, unknown>) {
  const pace = state.world.peek()?.pace;
  return command('sim.set', { pace: { ...pace, ...change } });
}

export function faster(factor: number): void {
  const now = state.world.peek();
  if (!now) return;
  const measured = state.ticks.peek()[now.name]?.stepsPerSecond || 60;
  const from = now.pace.stepsPerSecond || (factor < 1 ? measured : 0);
  if (from === 0) return;
  const next = from * factor;
  void setPace({
    stepsPerSecond: next >= FASTEST ? 0 : Math.max(SLOWEST, Number(next.toPrecision(2))),
  });
}
