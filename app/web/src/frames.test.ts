import { beforeEach, describe, expect, it } from 'vitest';
import { JsDecoder } from './decode/js';
import { compress, shuffle } from './decode/lz4_for_tests';
import { seriesRows } from './decode/series';
import type { Dropped, Extent, Frame } from './frame';
import { Assembler } from './frames';
import { fieldMessage } from './frames_for_tests';
import { crc32c, Flag, ProtocolError } from './protocol';

const KEY = Flag.key | Flag.lastPart;
const extent = (w: number, h: number, x = 0, lod = 0): Extent => ({
  roi: [x, 0, w << lod, h << lod],
  lod,
  size: [w, h],
});
const shown = (frame: Frame | Dropped | null) => [...new Uint8Array((frame as Frame).texels)];

let assembler: Assembler;
beforeEach(() => {
  assembler = new Assembler(new JsDecoder());
  assembler.expect(1, extent(2, 2));
});

describe('a KEY frame', () => {
  it('is shown when its last part is there, however many it has', () => {
    const first = fieldMessage({ h: 1, parts: 2, flags: Flag.key }, Uint8Array.of(1, 2));
    const second = fieldMessage({ y: 1, h: 1, part: 1, parts: 2, flags: KEY }, Uint8Array.of(3, 4));
    expect(assembler.push(first)).toBeNull();
    const frame = assembler.push(second) as Frame;
    expect(shown(frame)).toEqual([1, 2, 3, 4]);
    expect(frame).toMatchObject({ width: 2, height: 2, seq: 1, type: 'u8', roi: [0, 0, 2, 2] });
    expect(frame.wireBytes).toBe(164);
  });

  it('keeps channels planar over bands', () => {
    assembler.push(
      fieldMessage({ h: 1, channels: 3, flags: Flag.key }, Uint8Array.of(1, 2, 11, 12, 21, 22)),
    );
    const frame = assembler.push(
      fieldMessage({ y: 1, h: 1, channels: 3, flags: KEY }, Uint8Array.of(3, 4, 13, 14, 23, 24)),
    );
    expect(shown(frame)).toEqual([1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24]);
  });

  it('must cover its picture', () => {
    expect(
      assembler.push(fieldMessage({ y: 1, h: 1, flags: KEY }, Uint8Array.of(1, 2))),
    ).toMatchObject({
      dropped: true,
      reason: 'a KEY frame that does not cover its picture',
    });
  });

  it('takes the extent that the last reply announced, once its size is seen', () => {
    assembler.push(fieldMessage({}));
    assembler.expect(1, extent(4, 2, 64));
    expect((assembler.push(fieldMessage({ seq: 2 })) as Frame).roi).toEqual([0, 0, 2, 2]);
    expect((assembler.push(fieldMessage({ seq: 3, w: 4, h: 2 })) as Frame).roi).toEqual([
      64, 0, 4, 2,
    ]);
  });
});

describe('a difference', () => {
  beforeEach(() => void assembler.push(fieldMessage({ seq: 4 }, Uint8Array.of(1, 2, 3, 250))));

  it('adds to its base and leaves absent parts as they were', () => {
    const delta = fieldMessage(
      { seq: 5, baseSeq: 4, y: 1, h: 1, filter: 1, codec: 1, flags: Flag.lastPart },
      compress(Uint8Array.of(0, 10)),
    );
    expect(shown(assembler.push(delta))).toEqual([1, 2, 3, 4]);
  });

  it('may cover part of a row', () => {
    const delta = fieldMessage(
      { seq: 5, baseSeq: 4, x: 1, w: 1, h: 2, filter: 1, flags: Flag.lastPart },
      Uint8Array.of(100, 1),
    );
    expect(shown(assembler.push(delta))).toEqual([1, 102, 3, 251]);
  });

  it('of height 0 says that nothing changed', () => {
    const same = fieldMessage(
      { seq: 6, baseSeq: 4, h: 0, step: 9, flags: Flag.lastPart },
      new Uint8Array(0),
    );
    const frame = assembler.push(same) as Frame;
    expect(frame.step).toBe(9);
    expect(shown(frame)).toEqual([1, 2, 3, 250]);
  });

  it('to a frame that is not there is dropped, and so are those after it until a KEY', () => {
    const delta = (seq: number, baseSeq: number) =>
      assembler.push(fieldMessage({ seq, baseSeq, filter: 1, flags: Flag.lastPart }));
    expect(delta(6, 5)).toMatchObject({ dropped: true, sub: 1, seq: 6 });
    expect(delta(7, 4)).toMatchObject({ dropped: true, seq: 7 });
    expect(assembler.push(fieldMessage({ seq: 8 }))).toMatchObject({ seq: 8 });
    expect(delta(9, 8)).toMatchObject({ seq: 9, width: 2 });
  });

  it('that is damaged or outside the picture is dropped', () => {
    const broken = { seq: 5, baseSeq: 4, filter: 1, flags: Flag.lastPart };
    expect(assembler.push(fieldMessage({ ...broken, codec: 1 }, Uint8Array.of(255)))).toMatchObject(
      {
        dropped: true,
        reason: 'truncated',
      },
    );
    assembler.push(fieldMessage({ seq: 6 }));
    expect(assembler.push(fieldMessage({ ...broken, baseSeq: 6, seq: 7, x: 1 }))).toMatchObject({
      dropped: true,
      reason: 'a part that is not of its picture',
    });
  });
});

it('16-bit codes become floats, 65535 NaN', () => {
  const codes = new Uint8Array(Uint16Array.of(0, 300, 65534, 65535).buffer);
  const message = fieldMessage({ dtype: 1, filter: 2 }, shuffle(codes, 2));
  const frame = assembler.push(message) as Frame;
  expect(frame.type).toBe('f32');
  expect([...new Float32Array(frame.texels)]).toEqual([0, 300, 65534, NaN]);
});

it('a part with a wrong CRC is refused, with the right one shown', () => {
  const bytes = Uint8Array.of(1, 2, 3, 4);
  const flags = KEY | Flag.crc;
  expect(() => assembler.push(fieldMessage({ flags, crc: 5 }, bytes))).toThrow(ProtocolError);
  expect(shown(assembler.push(fieldMessage({ flags, crc: crc32c(bytes) }, bytes)))).toEqual([
    1, 2, 3, 4,
  ]);
});

it('frames of an unknown subscription are ignored', () => {
  expect(assembler.push(fieldMessage({ sub: 9 }))).toBeNull();
  assembler.forget(1);
  expect(assembler.push(fieldMessage({}))).toBeNull();
});

it('series are rows of float64', () => {
  const values = Float64Array.of(1, 2, 3, 4, 5, 6);
  const message = fieldMessage(
    { kind: 2, dtype: 5, w: 3, h: 2, sub: 2 },
    new Uint8Array(values.buffer),
  );
  expect(seriesRows(message).rows.map((row) => [...row])).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect(() => seriesRows(fieldMessage({ kind: 2 }))).toThrow(ProtocolError);
});
