// The worker: owns the WebSocket, decodes, hands finished pictures to the page. The page is never kept waiting by a
// large message, and a hidden or busy page never keeps the socket waiting.

import { Client, CommandError, type SocketType } from '../client';
import type { Extent, Frame } from '../frame';
import { Assembler } from '../frames';
import { sharedNow, type FromWorker, type ToWorker } from '../messages';
import { ackBytes, Kind, ProtocolError } from '../protocol';
import { JsDecoder } from './js';
import type { PartDecoder } from './part';
import { rangeOf } from './range';
import { seriesRows } from './series';
import { WasmDecoder } from './wasm';
import wasmUrl from './decode.wasm?url';

const scope = self as unknown as {
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
};
const post = (message: FromWorker, transfer: Transferable[] = []) =>
  scope.postMessage(message, transfer);

const MAX_POOL = 3;
const pool: ArrayBuffer[] = [];
let client: Client | null = null;
let assembler: Assembler;
let received = 0;
const rekeying = new Set<number>();

async function decoder(): Promise<PartDecoder> {
  try {
    const answer = await fetch(wasmUrl);
    return await WasmDecoder.load(await answer.arrayBuffer());
  } catch {
    return new JsDecoder(); // WebAssembly is off or its file is not there: slower, the same pictures
  }
}

function take(bytes: number): ArrayBuffer {
  const at = pool.findIndex((buffer) => buffer.byteLength === bytes);
  return at < 0 ? new ArrayBuffer(bytes) : pool.splice(at, 1)[0]!;
}

function receive(message: ArrayBuffer): void {
  received += message.byteLength;
  const kind = new Uint8Array(message)[0];
  if (kind === Kind.series) {
    const { sub, seq, rows } = seriesRows(message);
    client?.sendBinary(ackBytes(sub, seq));
    post({ from: 'series', sub, rows });
    return;
  }
  if (kind !== Kind.field) return;
  const frame = assembler.push(message);
  if (!frame) return;
  if ('dropped' in frame) {
    client?.sendBinary(ackBytes(frame.sub, frame.seq));
    post({ from: 'dropped', sub: frame.sub, reason: frame.reason });
    void rekey(frame.sub);
    return;
  }
  show(frame);
}

function show(frame: Frame): void {
  const [lo, hi] = rangeOf(frame);
  post({ from: 'frame', frame, lo, hi }, [frame.texels]);
}

/** Any update makes the next frame KEY. Asked once at a time: should that frame be broken too, the next is asked for. */
async function rekey(sub: number): Promise<void> {
  if (rekeying.has(sub)) return;
  rekeying.add(sub);
  await request('sub.update', { sub }).catch(() => undefined);
  rekeying.delete(sub);
}

async function request(
  op: string,
  args: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  if (op === 'unsub') assembler.forget(args.sub as number);
  if (op === 'ping') return ping();
  const result = await client!.request(op, args);
  if ((op === 'sub' || op === 'sub.update') && Array.isArray(result.size)) {
    assembler.expect(result.sub as number, result as unknown as Extent);
  }
  return result;
}

async function ping(): Promise<Record<string, unknown>> {
  const sent = sharedNow();
  const result = await client!.request('ping');
  return { ...result, sent, received: sharedNow() };
}

function guarded(message: ArrayBuffer): void {
  try {
    receive(message);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    post({ from: 'dropped', sub: 0, reason: error.message });
  }
}

async function connect(url: string, probeUrl: string): Promise<void> {
  const parts = await decoder();
  client?.close();
  assembler = new Assembler(parts, take);
  client = new Client({
    url,
    Socket: WebSocket as unknown as SocketType,
    probe: () =>
      fetch(probeUrl, { credentials: 'same-origin', cache: 'no-store' }).then(
        (answer) => answer.status,
        () => 0,
      ),
    onPhase: (phase) => {
      if (phase.name === 'connecting') assembler.clear();
      rekeying.clear();
      post({ from: 'phase', phase });
    },
    onHello: (hello) => post({ from: 'hello', hello }),
    onEvent: (name, data) => post({ from: 'event', name, data }),
    onBinary: guarded,
  });
  client.connect();
}

scope.onmessage = ({ data }) => {
  if (data.to === 'connect') void connect(data.url, data.probeUrl);
  else if (data.to === 'close') client?.close();
  else if (data.to === 'shown') client?.sendBinary(ackBytes(data.sub, data.seq));
  else if (data.to === 'free') {
    if (pool.length >= MAX_POOL) pool.shift();
    pool.push(data.buffer);
  } else {
    const { n, op, args } = data;
    const ready = client
      ? request(op, args)
      : Promise.reject(new CommandError('disconnected', 'not connected'));
    ready.then(
      (result) => post({ from: 'reply', n, result }),
      (error: CommandError) => {
        const { code, message, path, retryAfterMs } = error;
        post({ from: 'reply', n, fault: { code, message, path, retryAfterMs } });
      },
    );
  }
};

setInterval(() => {
  post({ from: 'traffic', bytesPerSecond: received });
  received = 0;
}, 1000);
