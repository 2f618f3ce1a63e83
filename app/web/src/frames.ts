// Puts the parts of FIELD messages together: one picture a subscription. Runs in the worker.

import { DecodeError, type PartDecoder } from './decode/part';
import type { Dropped, Extent, Frame } from './frame';
import { eachRun, freshPicture, mustBePartOf, type Picture, texelsOf, texelType } from './picture';
import {
  crc32c,
  elementBytes,
  Filter,
  Flag,
  type Header,
  parseHeader,
  payloadOf,
  ProtocolError,
} from './protocol';

interface Part {
  header: Header;
  payload: Uint8Array;
}

interface Subscription {
  extent: Extent;
  next: Extent | null;
  parts: Part[];
  wireBytes: number;
  picture: Picture | null;
}

export class Assembler {
  private readonly subs = new Map<number, Subscription>();
  private scratch = new Uint8Array(0);

  /** `take` gives a buffer of so many bytes: buffers that were shown are used again. */
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
    for (const part of sub.parts) this.apply(part, picture);
    picture.seq = last.seq;
    sub.picture = picture;
    if (key) adopt(sub, picture);
    return this.frameOf(sub, picture, last);
  }

  private apply({ header, payload }: Part, picture: Picture): void {
    mustBePartOf(picture, header);
    if (header.h === 0) return; // nothing changed
    const { codec, filter, decodedBytes } = header;
    const element = elementBytes(picture.dtype);
    const base = filter & Filter.delta ? this.gather(header, picture) : null;
    const values = this.decoder.decode(payload, codec, filter, element, decodedBytes, base);
    eachRun(header, picture, (at, from, bytes) => {
      picture.bytes.set(values.subarray(from, from + bytes), at);
    });
  }

  /** What the picture shows where the part lies, in the part's order. */
  private gather(header: Header, picture: Picture): Uint8Array {
    const size = header.decodedBytes;
    if (this.scratch.length < size) this.scratch = new Uint8Array(size);
    eachRun(header, picture, (at, from, bytes) => {
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
      type: texelType(picture),
      scale: last.scale,
      offset: last.offset,
      wireBytes: sub.wireBytes,
      texels: texelsOf(picture, this.take),
    };
  }
}

function begin(sub: Subscription): void {
  sub.parts = [];
  sub.wireBytes = 0;
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
