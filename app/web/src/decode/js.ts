import { DecodeError, MAX_PAYLOAD, type PartDecoder } from './part';

/** LZ4 block into `out`, filling it exactly. Every length and offset is checked before it is used. */
export function lz4(input: Uint8Array, out: Uint8Array): void {
  let at = 0;
  let to = 0;
  const extended = (length: number): number => {
    if (length !== 15) return length;
    for (;;) {
      if (at >= input.length) throw new DecodeError('truncated');
      const more = input[at++]!;
      length += more;
      if (more !== 255) return length;
    }
  };
  while (at < input.length) {
    const token = input[at++]!;
    const literals = extended(token >> 4);
    if (literals > input.length - at) throw new DecodeError('truncated');
    if (literals > out.length - to) throw new DecodeError('overlong');
    out.set(input.subarray(at, at + literals), to);
    at += literals;
    to += literals;
    if (at === input.length) break; // the last sequence has no match

    if (input.length - at < 2) throw new DecodeError('truncated');
    const offset = input[at]! | (input[at + 1]! << 8);
    at += 2;
    if (offset === 0 || offset > to) throw new DecodeError('bad offset');
    const length = extended(token & 15) + 4;
    if (length > out.length - to) throw new DecodeError('overlong');
    if (offset >= length) {
      out.copyWithin(to, to - offset, to - offset + length);
    } else {
      for (let i = 0; i < length; ++i) out[to + i] = out[to + i - offset]!;
    }
    to += length;
  }
  if (to !== out.length) throw new DecodeError('truncated');
}

export function unshuffle(input: Uint8Array, out: Uint8Array, element: number): void {
  const count = input.length / element;
  for (let b = 0; b < element; ++b) {
    for (let i = 0; i < count; ++i) out[i * element + b] = input[b * count + i]!;
  }
}

function addDelta(values: Uint8Array, base: Uint8Array, element: number): void {
  if (element === 1) {
    for (let i = 0; i < values.length; ++i) values[i] = values[i]! + base[i]!;
  } else if (element === 2) {
    for (let i = 0; i + 1 < values.length; i += 2) {
      const sum = (values[i]! | (values[i + 1]! << 8)) + (base[i]! | (base[i + 1]! << 8));
      values[i] = sum;
      values[i + 1] = sum >> 8;
    }
  } else {
    throw new DecodeError('unknown codec or filter');
  }
}

export class JsDecoder implements PartDecoder {
  readonly name = 'js';
  private first = new Uint8Array(0);
  private second = new Uint8Array(0);

  decode(
    payload: Uint8Array,
    codec: number,
    filter: number,
    element: number,
    size: number,
    base: Uint8Array | null,
  ): Uint8Array {
    if (filter > 3 || codec > 1 || element < 1 || element > 8) {
      throw new DecodeError('unknown codec or filter');
    }
    if (size % element !== 0 || payload.length > MAX_PAYLOAD) throw new DecodeError('bad length');
    if (this.first.length < size) {
      this.first = new Uint8Array(size);
      this.second = new Uint8Array(size);
    }
    let values = this.first.subarray(0, size);
    if (codec === 0) {
      if (payload.length !== size) throw new DecodeError('bad length');
      values.set(payload);
    } else {
      lz4(payload, values);
    }
    if (filter & 2) {
      const out = this.second.subarray(0, size);
      unshuffle(values, out, element);
      values = out;
    }
    if (filter & 1) {
      if (!base || base.length !== size) throw new DecodeError('no base to add to');
      addDelta(values, base, element);
    }
    return values;
  }
}
