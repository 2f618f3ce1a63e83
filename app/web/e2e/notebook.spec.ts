import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test, type Lab } from './page';
import type { Server } from './server';

test.use({ worlds: ['dish=gray-scott,64x64,init=empty,paused'] });

const repository = fileURLToPath(new URL('../../../', import.meta.url));

/** Runs a notebook's cell in the server, through a kernel attached by stock Jupyter. Returns what it prints. */
async function cell(server: Server, code: string): Promise<string> {
  const words = [`${repository}tests/support/cell.py`, server.http, 'dish'];
  const child = spawn(`${repository}.venv/bin/python`, words, { cwd: repository });
  let [out, err] = ['', ''];
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (err += text));
  child.stdin.end(code);
  const exit = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  expect(exit, err).toBe(0);
  return out;
}

/** Python comes some seconds after the worlds. */
async function pythonIsThere(server: Server): Promise<void> {
  const health = async () => (await server.fetch('/readyz')).text();
  await expect.poll(health).toContain('python: idle');
}

/** What the screen shows at a cell: red, green and blue together, 0..765. */
async function brightness(lab: Lab, x: number, y: number): Promise<number> {
  const [left, top] = await lab.place(x + 0.5, y + 0.5, 64, 64);
  const clip = { x: Math.round(left), y: Math.round(top), width: 1, height: 1 };
  const png = [...(await lab.page.screenshot({ clip }))];
  return lab.page.evaluate(async (bytes) => {
    const image = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
    const canvas = new OffscreenCanvas(1, 1).getContext('2d')!;
    canvas.drawImage(image, 0, 0);
    const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
    return red! + green! + blue!;
  }, png);
}

test('a cell changes the field under a lease, and the open page shows it', async ({ lab }) => {
  await lab.open('#world=dish&view=v');
  await expect.poll(async () => (await lab.frame())?.w).toBe(64);
  await pythonIsThere(lab.server);
  const before = (await lab.frame())!;
  expect((await lab.pixel(20, 30))![0]).toBeCloseTo(0);

  const printed = await cell(
    lab.server,
    [
      'import atheria',
      'with atheria.current().lease() as s:',
      '    s.v[24:40, 16:32] = 0.3',
      'print(s.expired)',
    ].join('\n'),
  );
  expect(printed).toBe('True\n');

  // The square, and nothing but the square; the world still stands where it stood.
  await expect.poll(async () => (await lab.pixel(20, 30))![0]).toBeCloseTo(0.3, 1);
  for (const [x, y, value] of [
    [16, 24, 0.3],
    [31, 39, 0.3],
    [15, 30, 0],
    [32, 30, 0],
    [20, 23, 0],
    [20, 40, 0],
  ] as const) {
    expect((await lab.pixel(x, y))![0], `cell ${x}, ${y}`).toBeCloseTo(value, 1);
  }
  const after = (await lab.frame())!;
  expect(after.step).toBe(before.step);
  expect(after.seq, 'on the next frame').toBe(before.seq + 1);
  expect(after.checksum).not.toBe(before.checksum);
  // And so do the screen's own pixels.
  const dark = await brightness(lab, 50, 32);
  await expect.poll(() => brightness(lab, 24, 32)).toBeGreaterThan(dark + 100);
});
