// What the page and its worker tell each other.

import type { Phase } from './client';
import type { Frame } from './frame';
import type { Hello } from './objects';

export type ToWorker =
  | { to: 'connect'; url: string; probeUrl: string }
  | { to: 'request'; n: number; op: string; args: Record<string, unknown> }
  /** A frame is on the screen, or was replaced by a newer one before. `free`: a buffer to fill again. */
  | { to: 'shown'; sub: number; seq: number }
  | { to: 'free'; buffer: ArrayBuffer }
  | { to: 'close' };

export interface Fault {
  code: string;
  message: string;
  path?: string;
  retryAfterMs?: number;
}

export type FromWorker =
  | { from: 'phase'; phase: Phase }
  | { from: 'hello'; hello: Hello }
  | { from: 'event'; name: string; data: unknown }
  | { from: 'reply'; n: number; result?: Record<string, unknown>; fault?: Fault }
  | { from: 'frame'; frame: Frame; lo: number; hi: number }
  | { from: 'series'; sub: number; rows: Float64Array[] }
  | { from: 'dropped'; sub: number; reason: string }
  | { from: 'traffic'; bytesPerSecond: number };

/** Milliseconds on a clock that page and worker share. */
export function sharedNow(): number {
  return performance.timeOrigin + performance.now();
}
