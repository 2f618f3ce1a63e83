import { Codec, Dtype, Filter, parseHeader, ProtocolError } from '../protocol';

export interface SeriesRows {
  sub: number;
  seq: number;
  rows: Float64Array[];
}

/** SERIES: rows of float64 columns. */
export function seriesRows(message: ArrayBuffer): SeriesRows {
  const header = parseHeader(message);
  if (header.dtype !== Dtype.f64 || header.codec !== Codec.raw || header.filter !== Filter.none) {
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
