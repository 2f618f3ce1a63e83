import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Client, CommandError, type Phase, type Socket } from './client';

class FakeSocket implements Socket {
  static all: FakeSocket[] = [];
  static get last(): FakeSocket {
    return FakeSocket.all.at(-1)!;
  }
  binaryType = '';
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  onerror: Socket['onerror'] = null;
  sent: (string | ArrayBuffer)[] = [];
  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {
    FakeSocket.all.push(this);
  }
  send(data: string | ArrayBuffer) {
    this.sent.push(data);
  }
  close() {}
  says(message: unknown) {
    this.onmessage?.({ data: typeof message === 'string' ? message : JSON.stringify(message) });
  }
  hello() {
    this.says({ op: 'hello', proto: 'atheria.v1', state: { worlds: [] } });
  }
  ends(code: number) {
    this.onclose?.({ code, reason: '' });
  }
  asked(n: number) {
    return JSON.parse(this.sent[n] as string) as { id: number; op: string; args: unknown };
  }
}

let phases: Phase[];
let status: number;
let events: [string, unknown][];
let binary: ArrayBuffer[];
let client: Client;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
  phases = [];
  events = [];
  binary = [];
  status = 0;
  client = new Client({
    url: 'ws://test/ws',
    Socket: FakeSocket,
    probe: () => Promise.resolve(status),
    random: () => 1,
    onPhase: (phase) => phases.push(phase),
    onHello: () => {},
    onEvent: (name, data) => events.push([name, data]),
    onBinary: (message) => binary.push(message),
  });
  client.connect();
});
afterEach(() => {
  client.close();
  vi.useRealTimers();
});

describe('requests', () => {
  beforeEach(() => FakeSocket.last.hello());

  it('get the reply of their own id, in any order', async () => {
    const step = client.request('sim.step', { n: 2 });
    const pause = client.request('sim.pause');
    const [a, b] = [FakeSocket.last.asked(0), FakeSocket.last.asked(1)];
    expect(a).toEqual({ id: 1, op: 'sim.step', args: { n: 2 } });
    FakeSocket.last.says({ id: b.id, ok: true, result: { step: 3 } });
    FakeSocket.last.says({ id: a.id, ok: true, result: { step: 5 } });
    expect(await pause).toEqual({ step: 3 });
    expect(await step).toEqual({ step: 5 });
  });

  it('fail with the code, message and path of the error', async () => {
    const paint = client.request('field.paint');
    const error = { code: 'bad_args', message: 'radius must be 0.5..512', path: 'args.radius' };
    FakeSocket.last.says({ id: 1, ok: false, error });
    await expect(paint).rejects.toMatchObject(error);
  });

  it('in flight when the connection ends fail, and so do those made while there is none', async () => {
    const play = client.request('sim.play');
    FakeSocket.last.ends(1006);
    await expect(play).rejects.toMatchObject({ code: 'disconnected' });
    await expect(client.request('sim.play')).rejects.toBeInstanceOf(CommandError);
  });

  it('are not disturbed by garbage, unknown ids, or id 0', () => {
    for (const text of ['{', '7', 'null', '{"id":99,"ok":true}', '{"id":0,"ok":false}']) {
      expect(() => FakeSocket.last.says(text)).not.toThrow();
    }
  });
});

it('speaks atheria.v1 and passes events and bytes on', () => {
  expect(FakeSocket.last.protocols).toEqual(['atheria.v1']);
  expect(FakeSocket.last.binaryType).toBe('arraybuffer');
  FakeSocket.last.hello();
  FakeSocket.last.says({ ev: 'tick', off: 4, data: { step: 1 } });
  FakeSocket.last.onmessage?.({ data: new ArrayBuffer(3) });
  expect(events).toEqual([['tick', { step: 1 }]]);
  expect(binary[0]?.byteLength).toBe(3);
});

describe('a lost connection', () => {
  const loseAndWait = async () => {
    FakeSocket.last.ends(1006);
    await vi.advanceTimersByTimeAsync(0);
    return phases.at(-1) as Extract<Phase, { name: 'waiting' }>;
  };

  it('is tried again after 0.25 s, doubling up to 8 s', async () => {
    const waits: number[] = [];
    for (let i = 0; i < 7; ++i) {
      const phase = await loseAndWait();
      waits.push(phase.seconds);
      await vi.advanceTimersByTimeAsync(phase.seconds * 1000);
    }
    expect(waits).toEqual([0.25, 0.5, 1, 2, 4, 8, 8]);
    expect(FakeSocket.all.length).toBe(8);
  });

  it('begins at 0.25 s again after a hello', async () => {
    for (let i = 0; i < 3; ++i)
      await vi.advanceTimersByTimeAsync((await loseAndWait()).seconds * 1000);
    FakeSocket.last.hello();
    expect((await loseAndWait()).seconds).toBe(0.25);
  });

  it('that never opened for want of a credential asks for one instead', async () => {
    status = 401;
    FakeSocket.last.ends(1006);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(phases.at(-1)).toMatchObject({ name: 'login' });
    expect(FakeSocket.all.length).toBe(1);
  });

  it('with 4401 asks for a credential', () => {
    FakeSocket.last.hello();
    FakeSocket.last.ends(4401);
    expect(phases.at(-1)).toMatchObject({ name: 'login' });
  });

  it('to a server that refuses this origin is not tried again', async () => {
    status = 403;
    FakeSocket.last.ends(1006);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(phases.at(-1)).toMatchObject({ name: 'refused' });
  });

  it('says why', async () => {
    FakeSocket.last.hello();
    FakeSocket.last.ends(1001);
    await vi.advanceTimersByTimeAsync(0);
    expect(phases.at(-1)).toMatchObject({ name: 'waiting', reason: 'the server stopped' });
  });
});
