// The talk of atheria.v1 over one WebSocket after the other: ids and replies, events, reconnecting. Knows no DOM; the
// socket type is passed in. Lives in the worker.

import { SUBPROTOCOL } from './protocol';
import type { Hello } from './objects';

export interface Socket {
  binaryType: string;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: unknown) => void) | null;
  send(data: string | ArrayBuffer): void;
  close(code?: number): void;
}
export type SocketType = new (url: string, protocols: string[]) => Socket;

export type Phase =
  | { name: 'connecting' }
  | { name: 'open' }
  | { name: 'waiting'; seconds: number; reason: string }
  | { name: 'login'; reason: string }
  | { name: 'refused'; reason: string };

/** A request was answered with an error, or can no longer be answered (`disconnected`). */
export class CommandError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly path?: string,
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

export interface Options {
  url: string;
  Socket: SocketType;
  /** HTTP status of a route that needs the same credential; 0 when nothing answers. A browser hides it from sockets. */
  probe: () => Promise<number>;
  random?: () => number;
  onPhase: (phase: Phase) => void;
  onHello: (hello: Hello) => void;
  onEvent: (name: string, data: unknown) => void;
  onBinary: (message: ArrayBuffer) => void;
}

interface Waiting {
  resolve: (result: Record<string, unknown>) => void;
  reject: (error: CommandError) => void;
}

const FIRST_DELAY_S = 0.25;
const LONGEST_DELAY_S = 8;
const MAX_ID = 2 ** 31 - 1;

const CLOSED: Record<number, string> = {
  1001: 'the server stopped',
  1008: 'the server refused a message of this page',
  1009: 'a message was too large',
  1011: 'the server had an internal error',
  1013: 'the server is full',
  4408: 'the connection was silent for too long',
  4409: 'this page could not keep up',
  4429: 'this page sent too much',
};

export class Client {
  private socket: Socket | null = null;
  private open = false;
  private attempt = 0;
  private lastId = 0;
  private readonly waiting = new Map<number, Waiting>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: Options) {}

  connect(): void {
    clearTimeout(this.timer);
    this.detach();
    this.options.onPhase({ name: 'connecting' });
    const socket = new this.options.Socket(this.options.url, [SUBPROTOCOL]);
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }) => this.receive(data);
    socket.onclose = ({ code, reason }) => void this.closed(code, reason);
    socket.onerror = null; // a close always follows
    this.socket = socket;
  }

  close(): void {
    clearTimeout(this.timer);
    this.detach();
    this.fail('the page closed the connection');
  }

  request(op: string, args: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    if (!this.open || !this.socket) {
      return Promise.reject(new CommandError('disconnected', 'not connected to the server'));
    }
    const id = this.freeId();
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.socket!.send(JSON.stringify({ id, op, args }));
    });
  }

  sendBinary(bytes: ArrayBuffer): void {
    if (this.open) this.socket?.send(bytes);
  }

  private freeId(): number {
    do {
      this.lastId = (this.lastId % MAX_ID) + 1;
    } while (this.waiting.has(this.lastId));
    return this.lastId;
  }

  private receive(data: unknown): void {
    if (typeof data !== 'string') return this.options.onBinary(data as ArrayBuffer);
    const message = parse(data);
    if (!message) return;
    if (message.op === 'hello') {
      this.open = true;
      this.attempt = 0;
      this.options.onPhase({ name: 'open' });
      this.options.onHello(message as unknown as Hello);
    } else if (typeof message.ev === 'string') {
      this.options.onEvent(message.ev, message.data);
    } else if (typeof message.id === 'number') {
      this.answer(message.id, message);
    }
  }

  private answer(id: number, message: Record<string, unknown>): void {
    const waiting = this.waiting.get(id);
    if (!waiting) return;
    this.waiting.delete(id);
    if (message.ok === true) {
      waiting.resolve((message.result ?? {}) as Record<string, unknown>);
      return;
    }
    const error = (message.error ?? {}) as Record<string, unknown>;
    waiting.reject(
      new CommandError(
        String(error.code ?? 'internal'),
        String(error.message ?? 'no reason given'),
        error.path as string | undefined,
        error.retryAfterMs as number | undefined,
      ),
    );
  }

  private async closed(code: number, reason: string): Promise<void> {
    const wasOpen = this.open;
    this.detach();
    this.fail('the connection ended');
    if (code === 4401) {
      return this.options.onPhase({ name: 'login', reason: 'This session has ended.' });
    }
    const why = CLOSED[code] ?? (reason || (wasOpen ? 'the connection was lost' : ''));
    const status = wasOpen ? 200 : await this.options.probe();
    if (this.socket) return; // connected again meanwhile
    if (status === 401) return this.options.onPhase({ name: 'login', reason: '' });
    if (status === 403 || status === 421) {
      const name = status === 403 ? 'this page’s origin' : 'this host name';
      return this.options.onPhase({
        name: 'refused',
        reason: `The server does not accept ${name}.`,
      });
    }
    this.retry(
      why || (status === 0 ? 'the server does not answer' : `the server answered ${status}`),
    );
  }

  /** Full jitter: a random time up to a limit that doubles, so that pages do not come back all at once. */
  private retry(reason: string): void {
    const limit = Math.min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** this.attempt++);
    const seconds = limit * (this.options.random ?? Math.random)();
    this.options.onPhase({ name: 'waiting', seconds, reason });
    this.timer = setTimeout(() => this.connect(), seconds * 1000);
  }

  private detach(): void {
    this.open = false;
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onmessage = socket.onclose = socket.onerror = null;
    socket.close();
  }

  private fail(message: string): void {
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of waiting) reject(new CommandError('disconnected', message));
  }
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
