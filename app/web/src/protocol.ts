// The bytes of atheria.v1 (app/protocol/PROTOCOL.md, section 6). Pure functions: no sockets, no DOM.

export const HEADER_BYTES = 80;
export const SUBPROTOCOL = 'atheria.v1';

export const Kind = { field: 1, series: 2, blob: 3 } as const;
export const Flag = { key: 1, lastPart: 2, gap: 4, still: 8, crc: 16 } as const;
export const Dtype = { u8: 0, u16: 1, f16: 2, f32: 3, i8: 4, f64: 5 } as const;
export const Codec = { raw: 0, lz4: 1 } as const;
export const Filter = { none: 0, delta: 1, shuffle: 2, deltaShuffle: 3 } as const;

const ELEMENT_BYTES = [1, 2, 2, 4, 1, 8];
const MAX_PART_BYTES = 64 << 20;

/** What was received cannot be what a server of this protocol sends. */
export class ProtocolError extends Error {}

export interface Header {
  kind: number;
  flags: number;
  headerBytes: number;
  sub: number;
  step: number;
  time: number;
  /** Server clock when the field was read, microseconds. */
  clock: number;
  seq: number;
  baseSeq: number;
  part: number;
  parts: number;
  dtype: number;
  codec: number;
  filter: number;
  lod: number;
  x: number;
  y: number;
  w: number;
  h: number;
  z: number;
  depth: number;
  channels: number;
  scale: number;
  offset: number;
  decodedBytes: number;
  crc: number;
}

export function elementBytes(dtype: number): number {
  const bytes = ELEMENT_BYTES[dtype];
  if (bytes === undefined) throw new ProtocolError(`unknown dtype ${dtype}`);
  return bytes;
}

/** Reads and checks a header; throws ProtocolError. Steps above 2^53 lose their last bits. */
export function parseHeader(message: ArrayBuffer): Header {
  if (message.byteLength < HEADER_BYTES) {
    throw new ProtocolError(`message of ${message.byteLength} bytes, a header has ${HEADER_BYTES}`);
  }
  const v = new DataView(message);
  const header: Header = {
    kind: v.getUint8(0),
    flags: v.getUint8(1),
    headerBytes: v.getUint16(2, true),
    sub: v.getUint32(4, true),
    step: Number(v.getBigUint64(8, true)),
    time: v.getFloat64(16, true),
    clock: Number(v.getBigUint64(24, true)),
    seq: v.getUint32(32, true),
    baseSeq: v.getUint32(36, true),
    part: v.getUint16(40, true),
    parts: v.getUint16(42, true),
    dtype: v.getUint8(44),
    codec: v.getUint8(45),
    filter: v.getUint8(46),
    lod: v.getUint8(47),
    x: v.getUint16(48, true),
    y: v.getUint16(50, true),
    w: v.getUint16(52, true),
    h: v.getUint16(54, true),
    z: v.getUint16(56, true),
    depth: v.getUint16(58, true),
    channels: v.getUint8(60),
    scale: v.getFloat32(64, true),
    offset: v.getFloat32(68, true),
    decodedBytes: v.getUint32(72, true),
    crc: v.getUint32(76, true),
  };
  check(header, message.byteLength);
  return header;
}

function check(header: Header, messageBytes: number): void {
  if (header.kind < Kind.field || header.kind > Kind.blob) {
    throw new ProtocolError(`unknown kind ${header.kind}`);
  }
  if (header.part >= header.parts) {
    throw new ProtocolError(`part ${header.part} of ${header.parts}`);
  }
  if (header.flags & Flag.key && header.filter & Filter.delta) {
    throw new ProtocolError('a KEY frame cannot be a difference');
  }
  if (header.headerBytes < HEADER_BYTES || header.headerBytes > messageBytes) {
    throw new ProtocolError(`header length ${header.headerBytes} in ${messageBytes} bytes`);
  }
  const bytes = header.w * header.h * header.channels * elementBytes(header.dtype);
  if (bytes !== header.decodedBytes || bytes > MAX_PART_BYTES) {
    throw new ProtocolError(
      `decoded length ${header.decodedBytes}; ${header.w}x${header.h}x${header.channels} needs ${bytes}`,
    );
  }
}

export function payloadOf(message: ArrayBuffer, header: Header): Uint8Array {
  return new Uint8Array(message, header.headerBytes);
}

/** ACK: the frame is on the screen, or was dropped here. */
export function ackBytes(sub: number, seq: number): ArrayBuffer {
  const bytes = new ArrayBuffer(12);
  const v = new DataView(bytes);
  v.setUint8(0, 0x10);
  v.setUint16(2, 12, true);
  v.setUint32(4, sub, true);
  v.setUint32(8, seq, true);
  return bytes;
}

let crcTable: Uint32Array | undefined;

/** CRC32C (Castagnoli), as the header's last field. */
export function crc32c(bytes: Uint8Array): number {
  crcTable ??= Uint32Array.from({ length: 256 }, (_, n) => {
    for (let bit = 0; bit < 8; ++bit) n = n & 1 ? (n >>> 1) ^ 0x82f63b78 : n >>> 1;
    return n >>> 0;
  });
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ crcTable[(crc ^ byte) & 255]!;
  return (crc ^ 0xffffffff) >>> 0;
}
