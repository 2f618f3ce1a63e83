// The page's side of the worker: requests as promises, everything else as callbacks.

import { CommandError } from './client';
import type { FromWorker, ToWorker } from './messages';

export type WorkerLike = Pick<Worker, 'postMessage' | 'onmessage'>;
export type News = Exclude<FromWorker, { from: 'reply' }>;
export type FrameNews = Extract<News, { from: 'frame' }>;

interface Waiting {
  resolve: (result: Record<string, unknown>) => void;
  reject: (error: CommandError) => void;
}

export class Link {
  private n = 0;
  private readonly waiting = new Map<number, Waiting>();

  constructor(
    private readonly worker: WorkerLike,
    onNews: (news: News) => void,
  ) {
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.from === 'reply') this.answer(data);
      else onNews(data);
    };
  }

  connect(location: { protocol: string; host: string }): void {
    const url = `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/ws`;
    this.post({ to: 'connect', url, probeUrl: '/api/v1/worlds' });
  }

  request(op: string, args: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const n = ++this.n;
    return new Promise((resolve, reject) => {
      this.waiting.set(n, { resolve, reject });
      this.post({ to: 'request', n, op, args });
    });
  }

  shown(sub: number, seq: number): void {
    this.post({ to: 'shown', sub, seq });
  }

  free(buffer: ArrayBuffer): void {
    this.post({ to: 'free', buffer }, [buffer]);
  }

  private answer(reply: Extract<FromWorker, { from: 'reply' }>): void {
    const waiting = this.waiting.get(reply.n);
    this.waiting.delete(reply.n);
    if (!waiting) return;
    if (reply.fault) {
      const { code, message, path, retryAfterMs } = reply.fault;
      waiting.reject(new CommandError(code, message, path, retryAfterMs));
    } else {
      waiting.resolve(reply.result ?? {});
    }
  }

  private post(message: ToWorker, transfer: Transferable[] = []): void {
    this.worker.postMessage(message, transfer);
  }
}
