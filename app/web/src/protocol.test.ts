import { describe, expect, it } from 'vitest';
import { ackBytes, crc32c, parseHeader, ProtocolError } from './protocol';
import { fieldMessage } from './frames_for_tests';

describe('header', () => {
  it('is read field by field', () => {
    const header = parseHeader(
      fieldMessage({ step: 2 ** 40 + 5, time: 0.25, seq: 7, w: 4, h: 2, scale: 0.5, offset: -1 }),
    );
    expect(header).toMatchObject({
      kind: 1,
      headerBytes: 80,
      sub: 1,
      step: 2 ** 40 + 5,
      time: 0.25,
      seq: 7,
      w: 4,
      h: 2,
      channels: 1,
      scale: 0.5,
      offset: -1,
      decodedBytes: 8,
    });
  });

  it('may grow: its length says where the payload begins', () => {
    const longer = new Uint8Array(96);
    longer.set(new Uint8Array(fieldMessage({ w: 4, h: 2 })).subarray(0, 80));
    new DataView(longer.buffer).setUint16(2, 88, true);
    expect(parseHeader(longer.buffer).headerBytes).toBe(88);
  });

  it.each([
    ['too short a message', (m: DataView) => new DataView(m.buffer.slice(0, 79))],
    ['a header longer than the message', (m: DataView) => (m.setUint16(2, 500, true), m)],
    ['a header length below 80', (m: DataView) => (m.setUint16(2, 12, true), m)],
    ['an unknown dtype', (m: DataView) => (m.setUint8(44, 9), m)],
    ['a decoded length that is not its shape', (m: DataView) => (m.setUint32(72, 9, true), m)],
    ['a shape of gigabytes', (m: DataView) => (m.setUint16(52, 65535, true), m)],
  ])('refuses %s', (_name, damage) => {
    const message = damage(new DataView(fieldMessage({ w: 4, h: 2 })));
    expect(() => parseHeader(message.buffer as ArrayBuffer)).toThrow(ProtocolError);
  });
});

it('ACK has twelve bytes', () => {
  expect([...new Uint8Array(ackBytes(0x01020304, 5))]).toEqual([
    16, 0, 12, 0, 4, 3, 2, 1, 5, 0, 0, 0,
  ]);
});

it('CRC32C matches its published check value', () => {
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
});
