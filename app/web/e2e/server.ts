import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const READY_MS = 60_000;
const STOP_MS = 10_000;

/** A running atheria-server of this build, on a free port. */
export class Server {
  private constructor(
    private readonly process: ChildProcess,
    readonly http: string,
    readonly token: string,
    private readonly log: string[],
  ) {}

  /** Worlds as on the command line: "coral=gray-scott,128x128". */
  static async start(...worlds: string[]): Promise<Server> {
    const binary =
      process.env.ATHERIA_SERVER_BINARY ?? `${repository}build/release/bin/atheria-server`;
    if (!existsSync(binary))
      throw new Error(`no server at ${binary}: build it first (./ath build)`);
    const words = ['--port', '0', '--ready-json', ...worlds.flatMap((world) => ['--world', world])];
    const child = spawn(binary, words, { cwd: repository, stdio: ['ignore', 'pipe', 'pipe'] });
    const log: string[] = [];
    createInterface({ input: child.stderr! }).on('line', (line) => log.push(line));
    const ready = await new Promise<{ http: string; token: string }>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not ready:\n${log.join('\n')}`)), READY_MS);
      child.once('exit', (code) => reject(new Error(`ended with ${code}:\n${log.join('\n')}`)));
      createInterface({ input: child.stdout! }).on('line', (line) => {
        if (!line.startsWith('{')) return;
        clearTimeout(timer);
        resolve(JSON.parse(line));
      });
    });
    return new Server(child, ready.http, ready.token, log);
  }

  get alive(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  get stderr(): string {
    return this.log.join('\n');
  }

  async stop(): Promise<void> {
    if (!this.alive) return;
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGTERM');
    const timer = setTimeout(() => this.process.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(timer);
  }

  /** A link that signs a browser in, once. */
  async link(): Promise<string> {
    const answer = await this.fetch('/api/v1/link', { method: 'POST' });
    return ((await answer.json()) as { url: string }).url;
  }

  async world(name: string): Promise<Record<string, never> & { step: number; state: string }> {
    return (await this.fetch(`/api/v1/worlds/${name}`)).json() as never;
  }

  /** The exact field, row-major, and its shape. Only little-endian float32, float64 and bytes. */
  async field(name: string): Promise<{ shape: number[]; values: ArrayLike<number>; step: number }> {
    const answer = await this.fetch(`/api/v1/worlds/${name}/field.npy`);
    const bytes = await answer.arrayBuffer();
    const headerBytes = new DataView(bytes).getUint16(8, true);
    const header = new TextDecoder('latin1').decode(new Uint8Array(bytes, 10, headerBytes));
    const descr = /'descr': '([^']+)'/.exec(header)![1]!;
    const shape = /\(([^)]*)\)/
      .exec(header)![1]!
      .split(',')
      .filter((n) => n.trim())
      .map(Number);
    const data = bytes.slice(10 + headerBytes);
    const values =
      descr === '<f4'
        ? new Float32Array(data)
        : descr === '<f8'
          ? new Float64Array(data)
          : new Uint8Array(data);
    return { shape, values, step: Number(answer.headers.get('X-Atheria-Step')) };
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { Authorization: `Bearer ${this.token}` };
    const answer = await fetch(this.http + path, { ...init, headers });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  }
}
