import { expect, type Locator, type Page, test as base } from '@playwright/test';
import { Server } from './server';

/** A page signed in, with what the tests ask of it. */
export class Lab {
  readonly faults: string[] = [];

  constructor(
    readonly page: Page,
    readonly server: Server,
  ) {
    page.on('console', (message) => {
      if (message.type() === 'error') this.faults.push(message.text());
    });
    page.on('pageerror', (error) => this.faults.push(String(error)));
  }

  async open(fragment = ''): Promise<void> {
    await this.page.goto(await this.server.link());
    if (fragment) await this.page.goto(`${this.server.http}/${fragment}`);
    await this.connected();
  }

  async connected(): Promise<void> {
    await expect(this.get('connection')).toHaveText('Connected');
    await expect.poll(() => this.frame()).not.toBeNull();
  }

  get(testid: string): Locator {
    return this.page.getByTestId(testid);
  }

  frame() {
    return this.page.evaluate(() => window.__atheria.lastFrame());
  }

  pixel(x: number, y: number) {
    return this.page.evaluate(([x, y]) => window.__atheria.pixel(x!, y!), [x, y]);
  }

  async step(): Promise<number> {
    return Number(await this.get('step-counter').getAttribute('data-step'));
  }

  /** Pauses, and waits until the frame on the screen is the step the server stands at. */
  async pause(world: string): Promise<number> {
    await this.get('play-button').click();
    await expect(this.get('play-button')).toHaveText('Play');
    await expect
      .poll(async () => (await this.frame())!.step === (await this.server.world(world)).step)
      .toBe(true);
    return (await this.frame())!.step;
  }

  /** Where cell (x, y) of a field w x h is, when the whole field is shown. */
  async place(x: number, y: number, w: number, h: number): Promise<[number, number]> {
    const box = (await this.get('field-canvas').boundingBox())!;
    const room = (size: number) => Math.max(size - 32, size / 2);
    const zoom = Math.min(room(box.width) / w, room(box.height) / h, 64);
    return [
      box.x + box.width / 2 + (x - w / 2) * zoom,
      box.y + box.height / 2 + (y - h / 2) * zoom,
    ];
  }
}

/** `worlds` is set by each test file; one server a file, one page a test, which must end without console errors. */
export const test = base.extend<
  { lab: Lab; another: () => Promise<Lab>; expectedFaults: RegExp[] },
  { worlds: string[]; server: Server }
>({
  worlds: [['coral=gray-scott,128x128'], { option: true, scope: 'worker' }],
  expectedFaults: [[], { option: true }],
  server: [
    async ({ worlds }, use) => {
      const server = await Server.start(...worlds);
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],
  lab: async ({ page, server, expectedFaults }, use) => {
    const lab = new Lab(page, server);
    await use(lab);
    const faults = lab.faults.filter((fault) => !expectedFaults.some((known) => known.test(fault)));
    expect(faults, 'console errors and policy violations').toEqual([]);
    expect(server.alive).toBe(true);
  },
  another: async ({ browser, server }, use) => {
    const contexts: { close(): Promise<void> }[] = [];
    await use(async () => {
      const context = await browser.newContext();
      contexts.push(context);
      return new Lab(await context.newPage(), server);
    });
    for (const context of contexts) await context.close();
  },
});

export { expect };
