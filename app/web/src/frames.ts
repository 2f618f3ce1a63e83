// Puts the parts of FIELD frames together: one picture a subscription, which is also the base of the next difference.

import type { PartDecoder } from './decode/part';
import { DecodeError } from './decode/part';
import {
  crc32c,
  Dtype,
  elementBytes,
  Flag,
  parseHeader,
  payloadOf,
  ProtocolError,
} from './protocol';
import type { Header } from './protocol';

const MAX_PICTURE_BYTES = 256 << 20;

/** What a subscription shows: told by the reply to `sub` and `sub.update`. */
export interface Extent {
  roi: [number, number, number, number];
  lod: number;
  size: [number, number];
}

export type TexelType = 'u8' | 'f16' | 'f32';

export interface Frame {
  sub: number;
  seq: number;
  step: number;
  time: number;
  /** Server clock when the field was read, microseconds. */
  clock: number;
  still: boolean;
  z: number;
  lod: number;
  roi: [number, number, number, number];
  width: number;
  height: number;
  /** Planar: all of channel 0 first. */
  channels: number;
  type: TexelType;
  /** value = offset + scale * texel; u8 255 is NaN or infinite. */
  scale: number;
  offset: number;
  wireBytes: number;
  texels: ArrayBuffer;
}

/** A frame that could not be shown; the subscription needs a KEY frame to go on. */
export interface Dropped {
  dropped: true;
  sub: number;
  seq: number;
  reason: string;
}

interface Picture {
  seq: number;
  width: number;
  height: number;
  channels: number;
  dtype: number;
  lod: number;
  scale: number;
  offset: number;
  bytes: Uint8Array;
}

interface Subscription {
  extent: Extent;
  next: Extent | null;
  parts: { header: Header; payload: Uint8Array }[];
  wireBytes: number;
  picture: Picture | null;
}

export class Assembler {
  private readonly subs = new Map<number, Subscription>();
  private scratch = new Uint8Array(0);

  /** `take` gives a buffer of at least so many bytes: buffers that were shown are used again. */
  constructor(
    private readonly decoder: PartDecoder,
    private readonly take: (bytes: number) => ArrayBuffer = (bytes) => new ArrayBuffer(bytes),
  ) {}

  /** A reply said what the subscription will show, from its next KEY frame on. */
  expect(sub: number, extent: Extent): void {
    const known = this.subs.get(sub);
    if (known) known.next = extent;
    else this.subs.set(sub, { extent, next: extent, parts: [], wireBytes: 0, picture: null });
  }

  forget(sub: number): void {
    this.subs.delete(sub);
  }

  clear(): void {
    this.subs.clear();
  }

  /** Takes one message. A frame when it completes one; throws ProtocolError on bytes no server sends. */
  push(message: ArrayBuffer): Frame | Dropped | null {
    const header = parseHeader(message);
    const payload = payloadOf(message, header);
    if (header.flags & Flag.crc && crc32c(payload) !== header.crc) {
      throw new ProtocolError('CRC32C of a part does not match');
    }
    const sub = this.subs.get(header.sub);
    if (!sub) return null; // unsubscribed while it was on its way
    if (sub.parts.length > 0 && sub.parts[0]!.header.seq !== header.seq) begin(sub);
    sub.parts.push({ header, payload });
    sub.wireBytes += message.byteLength;
    if (!(header.flags & Flag.lastPart)) return null;
    try {
      return this.complete(sub, header);
    } catch (error) {
      if (!(error instanceof DecodeError || error instanceof ProtocolError)) throw error;
      sub.picture = null;
      return { dropped: true, sub: header.sub, seq: header.seq, reason: error.message };
    } finally {
      begin(sub);
    }
  }

  private complete(sub: Subscription, last: Header): Frame {
    const headers = sub.parts.map((part) => part.header);
    const key = (last.flags & Flag.key) !== 0;
    const picture = key ? freshPicture(headers, sub.picture) : sub.picture;
    if (!picture) throw new DecodeError('a difference, but no picture to add it to');
    if (!key && picture.seq !== last.baseSeq) {
      throw new DecodeError(`base ${last.baseSeq} wanted, ${picture.seq} kept`);
    }
    sub.picture = null; // half-changed until all parts are in
    for (const part of sub.parts) this.apply(part.header, part.payload, picture);
    picture.seq = last.seq;
    sub.picture = picture;
    if (key) adopt(sub, picture);
    return this.frameOf(sub, picture, last);
  }

  private apply(header: Header, payload: Uint8Array, picture: Picture): void {
    const element = elementBytes(picture.dtype);
    if (
      header.dtype !== picture.dtype ||
      header.channels !== picture.channels ||
      header.lod !== picture.lod ||
      header.scale !== picture.scale ||
      header.offset !== picture.offset ||
      header.x + header.w > picture.width ||
      header.y + header.h > picture.height
    ) {
      throw new ProtocolError('a part that is not of its picture');
    }
    if (header.h === 0) return; // nothing changed
    const size = header.decodedBytes;
    const base = header.filter & 1 ? this.gather(header, picture, element, size) : null;
    const values = this.decoder.decode(payload, header.codec, header.filter, element, size, base);
    eachRun(header, picture, element, (at, from, bytes) => {
      picture.bytes.set(values.subarray(from, from + bytes), at);
    });
  }

  private gather(header: Header, picture: Picture, element: number, size: number): Uint8Array {
    if (this.scratch.length < size) this.scratch = new Uint8Array(size);
    eachRun(header, picture, element, (at, from, bytes) => {
      this.scratch.set(picture.bytes.subarray(at, at + bytes), from);
    });
    return this.scratch.subarray(0, size);
  }

  private frameOf(sub: Subscription, picture: Picture, last: Header): Frame {
    return {
      sub: last.sub,
      seq: last.seq,
      step: last.step,
      time: last.time,
      clock: last.clock,
      still: (last.flags & Flag.still) !== 0,
      z: last.z,
      lod: picture.lod,
      roi: sub.extent.roi,
      width: picture.width,
      height: picture.height,
      channels: picture.channels,
      type: picture.dtype === Dtype.u8 ? 'u8' : picture.dtype === Dtype.f16 ? 'f16' : 'f32',
      scale: last.scale,
      offset: last.offset,
      wireBytes: sub.wireBytes,
      texels: this.copyOut(picture),
    };
  }

  private copyOut(picture: Picture): ArrayBuffer {
    if (picture.dtype !== Dtype.u16) {
      const out = this.take(picture.bytes.length);
      new Uint8Array(out).set(picture.bytes);
      return out;
    }
    // WebGL2 has no normalised 16-bit texture.
    const codes = new Uint16Array(picture.bytes.buffer, 0, picture.bytes.length / 2);
    const out = this.take(codes.length * 4);
    const values = new Float32Array(out);
    for (let i = 0; i < codes.length; ++i) values[i] = codes[i] === 65535 ? NaN : codes[i]!;
    return out;
  }
}

function begin(sub: Subscription): void {
  sub.parts = [];
  sub.wireBytes = 0;
}

function freshPicture(headers: Header[], old: Picture | null): Picture {
  const first = headers[0]!;
  if (![Dtype.u8, Dtype.u16, Dtype.f16, Dtype.f32].some((known) => known === first.dtype)) {
    throw new ProtocolError(`dtype ${first.dtype} in a picture`);
  }
  const width = Math.max(...headers.map((h) => h.x + h.w));
  const height = Math.max(...headers.map((h) => h.y + h.h));
  const size = width * height * first.channels * elementBytes(first.dtype);
  if (size === 0 || size > MAX_PICTURE_BYTES) throw new ProtocolError(`a picture of ${size} bytes`);
  const covered = headers.reduce((sum, h) => sum + h.decodedBytes, 0);
  if (covered !== size) throw new ProtocolError('a KEY frame that does not cover its picture');
  const { channels, dtype, lod, scale, offset } = first;
  const bytes = old?.bytes.length === size ? old.bytes : new Uint8Array(size);
  return { seq: 0, width, height, channels, dtype, lod, scale, offset, bytes };
}

/** The reply came before this frame, but an older picture may have been on its way still: sizes tell. */
function adopt(sub: Subscription, picture: Picture): void {
  const fits = (extent: Extent | null) =>
    extent?.size[0] === picture.width &&
    extent.size[1] === picture.height &&
    extent.lod === picture.lod;
  if (sub.next && (fits(sub.next) || !fits(sub.extent))) {
    sub.extent = sub.next;
    sub.next = null;
  }
}

/** Calls with (offset in the picture, offset in the part, length) of each contiguous run of bytes. */
function eachRun(
  part: Header,
  picture: Picture,
  element: number,
  run: (at: number, from: number, bytes: number) => void,
): void {
  const whole = part.w === picture.width;
  const rows = whole ? 1 : part.h;
  const bytes = part.w * element * (whole ? part.h : 1);
  let from = 0;
  for (let channel = 0; channel < part.channels; ++channel) {
    for (let row = 0; row < rows; ++row) {
      const y = channel * picture.height + part.y + row;
      run((y * picture.width + part.x) * element, from, bytes);
      from += bytes;
    }
  }
}

/** SERIES: rows of float64 columns. */
export function seriesRows(message: ArrayBuffer): {
  sub: number;
  seq: number;
  rows: Float64Array[];
} {
  const header = parseHeader(message);
  if (header.dtype !== Dtype.f64 || header.codec !== 0 || header.filter !== 0) {
    throw new ProtocolError('series are raw float64');
  }
  const payload = message.slice(header.headerBytes, header.headerBytes + header.decodedBytes);
  if (payload.byteLength !== header.decodedBytes) throw new ProtocolError('series cut short');
  const all = new Float64Array(payload);
  const rows = Array.from({ length: header.h }, (_, i) =>
    all.slice(i * header.w, (i + 1) * header.w),
  );
  return { sub: header.sub, seq: header.seq, rows };
}
