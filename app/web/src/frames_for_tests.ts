import { Flag, type Header } from './protocol';

/** A FIELD message as a server would send it; what is not said has a plain default. */
export function fieldMessage(
  fields: Partial<Header>,
  payload: Uint8Array = new Uint8Array((fields.w ?? 2) * (fields.h ?? 2) * (fields.channels ?? 1)),
): ArrayBuffer {
  const h = { w: 2, h: 2, channels: 1, ...fields };
  const bytes = new Uint8Array(80 + payload.length);
  const v = new DataView(bytes.buffer);
  v.setUint8(0, h.kind ?? 1);
  v.setUint8(1, h.flags ?? Flag.key | Flag.lastPart);
  v.setUint16(2, 80, true);
  v.setUint32(4, h.sub ?? 1, true);
  v.setBigUint64(8, BigInt(h.step ?? 0), true);
  v.setFloat64(16, h.time ?? 0, true);
  v.setBigUint64(24, BigInt(h.clock ?? 0), true);
  v.setUint32(32, h.seq ?? 1, true);
  v.setUint32(36, h.baseSeq ?? 0, true);
  v.setUint16(40, h.part ?? 0, true);
  v.setUint16(42, h.parts ?? (h.part ?? 0) + 1, true);
  v.setUint8(44, h.dtype ?? 0);
  v.setUint8(45, h.codec ?? 0);
  v.setUint8(46, h.filter ?? 0);
  v.setUint8(47, h.lod ?? 0);
  v.setUint16(48, h.x ?? 0, true);
  v.setUint16(50, h.y ?? 0, true);
  v.setUint16(52, h.w, true);
  v.setUint16(54, h.h, true);
  v.setUint16(56, h.z ?? 0, true);
  v.setUint16(58, h.depth ?? 1, true);
  v.setUint8(60, h.channels);
  v.setFloat32(64, h.scale ?? 1, true);
  v.setFloat32(68, h.offset ?? 0, true);
  v.setUint32(
    72,
    h.decodedBytes ?? h.w * h.h * h.channels * [1, 2, 2, 4, 1, 8][h.dtype ?? 0]!,
    true,
  );
  v.setUint32(76, h.crc ?? 0, true);
  bytes.set(payload, 80);
  return bytes.buffer;
}
