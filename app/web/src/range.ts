import type { TexelType } from './frame';

const HEADROOM = 0.1;
const SHRINK_AFTER_MS = 2000;

/**
 * What the colours span when floats are shown: grows at once, shrinks after two seconds, so that it does not flicker.
 * (8-bit codes come with the server's own range, which does the same.)
 */
export class StickyRange {
  private lo = 0;
  private hi = -1;
  private since = 0;

  restart(): void {
    this.hi = this.lo - 1;
  }

  see(lo: number, hi: number, symmetric: boolean, now: number): [number, number] {
    if (symmetric) {
      hi = Math.max(Math.abs(lo), Math.abs(hi));
      lo = -hi;
    }
    const empty = this.hi < this.lo;
    const room = HEADROOM * (hi - lo);
    if (empty || lo < this.lo || hi > this.hi) {
      this.lo = empty ? lo : Math.min(this.lo, lo < this.lo ? lo - room : lo);
      this.hi = empty ? hi : Math.max(this.hi, hi > this.hi ? hi + room : hi);
      this.since = now;
    } else if (hi - lo > 0.7 * (this.hi - this.lo)) {
      this.since = now;
    } else if (now - this.since > SHRINK_AFTER_MS) {
      [this.lo, this.hi, this.since] = [lo, hi, now];
    }
    return [this.lo, this.hi];
  }
}

/** What the colours span for a frame. */
export function shownRange(
  wanted: 'auto' | 'symmetric' | [number, number],
  frame: { type: TexelType },
  found: [number, number],
  sticky: StickyRange,
  now: number,
): [number, number] {
  if (Array.isArray(wanted)) return wanted;
  if (frame.type === 'u8') return found;
  return sticky.see(found[0], found[1], wanted === 'symmetric', now);
}
