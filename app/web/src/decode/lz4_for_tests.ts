// A small LZ4 block encoder: tests need blocks with literals, matches, overlaps and long lengths.

export function compress(input: Uint8Array): Uint8Array {
  const out: number[] = [];
  const seen = new Map<number, number>();
  let anchor = 0;
  let at = 0;
  while (at + 12 < input.length) {
    const key =
      input[at]! | (input[at + 1]! << 8) | (input[at + 2]! << 16) | (input[at + 3]! << 24);
    const from = seen.get(key);
    seen.set(key, at);
    if (from === undefined || at - from > 65535) {
      ++at;
      continue;
    }
    let length = 4;
    while (at + length < input.length - 5 && input[from + length] === input[at + length]) ++length;
    sequence(out, input.subarray(anchor, at), at - from, length);
    at += length;
    anchor = at;
  }
  sequence(out, input.subarray(anchor), 0, 0);
  return Uint8Array.from(out);
}

function sequence(out: number[], literals: Uint8Array, offset: number, length: number): void {
  const extra = length - 4;
  const low = offset === 0 ? 0 : Math.min(extra, 15);
  out.push((Math.min(literals.length, 15) << 4) | low);
  if (literals.length >= 15) extend(out, literals.length - 15);
  for (const byte of literals) out.push(byte);
  if (offset === 0) return;
  out.push(offset & 255, offset >> 8);
  if (extra >= 15) extend(out, extra - 15);
}

function extend(out: number[], rest: number): void {
  for (; rest >= 255; rest -= 255) out.push(255);
  out.push(rest);
}

export function shuffle(input: Uint8Array, element: number): Uint8Array {
  const count = input.length / element;
  return Uint8Array.from(input, (_, i) => input[(i % count) * element + Math.floor(i / count)]!);
}

/** A repeatable stream of numbers in [0, 1). */
export function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
