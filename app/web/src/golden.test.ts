import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { JsDecoder } from './decode/js';
import { texelValue } from './decode/range';
import { seriesRows } from './decode/series';
import { WasmDecoder } from './decode/wasm';
import type { Frame } from './frame';
import { Assembler } from './frames';
import { ackBytes, parseHeader } from './protocol';

// tests/golden/wire: bytes that the C++, Python and TypeScript decoders must read alike (see its README).
const folder = new URL('../../../tests/golden/wire/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder));
const json = (name: string) => JSON.parse(read(`${name}.json`).toString());

interface Case {
  messages: { at: number; length: number; header?: Record<string, number> }[];
  frames?: Record<string, unknown>[];
  series?: Record<string, unknown>;
  ack?: { sub: number; seq: number };
  error?: string;
}

function messagesOf(name: string, { messages }: Case): ArrayBuffer[] {
  const bytes = read(`${name}.bin`);
  return messages.map(
    ({ at, length }) => new Uint8Array(bytes.subarray(at, at + length)).slice().buffer,
  );
}

const number = (value: unknown) => (typeof value === 'string' ? Number(value) : (value as number));

const wasm = await WasmDecoder.load(readFileSync(new URL('./decode/decode.wasm', import.meta.url)));
const names: string[] = json('index').cases;

describe.each([wasm, new JsDecoder()])('$name decoder', (decoder) => {
  it.each(names)('%s', (name) => {
    const golden = json(name) as Case;
    const messages = messagesOf(name, golden);
    golden.messages.forEach(({ header }, i) => {
      if (!header) return;
      const { decoded, ...fields } = header;
      expect(parseHeader(messages[i]!)).toMatchObject({ ...fields, decodedBytes: decoded });
    });
    if (golden.ack) {
      expect(Buffer.from(ackBytes(golden.ack.sub, golden.ack.seq))).toEqual(
        Buffer.from(messages[0]!),
      );
    } else if (golden.series) {
      const { sub, seq, values } = golden.series;
      const series = seriesRows(messages[0]!);
      expect(series).toMatchObject({ sub, seq });
      expect(series.rows.flatMap((row) => [...row])).toEqual((values as unknown[]).map(number));
    } else {
      showsOrRefuses(golden, messages, new Assembler(decoder));
    }
  });
});

function showsOrRefuses(golden: Case, messages: ArrayBuffer[], assembler: Assembler): void {
  assembler.expect(7, { roi: [0, 0, 16, 12], lod: 0, size: [16, 12] });
  const frames = [...(golden.frames ?? [])];
  messages.forEach((message, i) => {
    const refuse = golden.error !== undefined && i === messages.length - 1;
    if (refuse) {
      expect(refused(() => assembler.push(message))).toBe(true);
      return;
    }
    const frame = assembler.push(message);
    expect(frame ?? {}).not.toHaveProperty('dropped');
    if (frames[0]?.after === i + 1) expectFrame(frame as Frame, frames.shift()!);
    else if (golden.frames) expect(frame).toBeNull();
  });
  expect(frames).toEqual([]);
}

function refused(push: () => unknown): boolean {
  try {
    const result = push();
    return typeof result === 'object' && result !== null && 'dropped' in result;
  } catch {
    return true;
  }
}

function expectFrame(frame: Frame, wanted: Record<string, unknown>): void {
  const { sub, seq, step, time, clock, still, lod, z, width, height, channels } = wanted;
  expect(frame).toMatchObject({
    sub,
    seq,
    step,
    time,
    clock,
    still,
    lod,
    z,
    width,
    height,
    channels,
  });
  if (wanted.dtype !== 'u16n') {
    expect(Buffer.from(frame.texels).toString('hex')).toBe(wanted.bytes);
  }
  const values = (wanted.values as unknown[]).map(number);
  const finite = (value: number) => (Number.isFinite(value) ? value : NaN); // 8-bit codes do not say which
  values.forEach((value, i) => expect(finite(texelValue(frame, i))).toEqual(finite(value)));
}
