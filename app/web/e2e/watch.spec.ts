import { expect, test } from './page';

test.use({
  worlds: [
    'coral=gray-scott,128x128,seed=7,sps=120',
    'glider=life,64x64,init=pattern:glider,paused',
  ],
});

test('the field moves', async ({ lab }) => {
  await lab.open('#world=coral');
  const first = (await lab.frame())!;
  expect([first.w, first.h]).toEqual([128, 128]);
  await expect.poll(async () => (await lab.frame())!.step).toBeGreaterThan(first.step);
  await expect.poll(async () => (await lab.frame())!.checksum).not.toBe(first.checksum);
  await expect(lab.get('hud')).toContainText('steps/s');
});

test('pause stops the step counter, a step moves it by one, play goes on', async ({ lab }) => {
  await lab.open('#world=coral');
  const step = await lab.pause('coral');
  expect(await lab.step()).toBe(step);
  await lab.get('step-button').click();
  await expect(lab.get('step-counter')).toHaveAttribute('data-step', String(step + 1));
  expect((await lab.server.world('coral')).step).toBe(step + 1);
  await lab.page.keyboard.press('Escape');
  await lab.get('field-canvas').focus();
  await lab.page.keyboard.press('Space');
  await expect(lab.get('play-button')).toHaveText('Pause');
  await expect.poll(() => lab.step()).toBeGreaterThan(step + 1);
});

test('a glider is one cell further down right after four steps', async ({ lab }) => {
  await lab.open('#world=glider');
  await expect.poll(async () => (await lab.frame())?.w).toBe(64);
  const alive = async () => {
    const cells: string[] = [];
    for (let y = 24; y < 44; ++y) {
      for (let x = 24; x < 44; ++x) if ((await lab.pixel(x, y))![0]! > 0.5) cells.push(`${x} ${y}`);
    }
    return cells;
  };
  const before = await alive();
  expect(before.length).toBe(5);
  await lab.page.getByLabel('How many steps').fill('4');
  await lab.page.getByRole('button', { name: 'steps', exact: true }).click();
  await expect(lab.get('step-counter')).toHaveAttribute('data-step', '4');
  const moved = before.map((cell) =>
    cell
      .split(' ')
      .map((n) => Number(n) + 1)
      .join(' '),
  );
  expect((await alive()).sort()).toEqual(moved.sort());
});

test('reload keeps the world, the view and the login', async ({ lab }) => {
  await lab.open();
  await lab.get('world-tab-coral').click();
  await lab.get('view-select').selectOption('u');
  await expect(lab.page).toHaveURL(/world=coral&view=u/);
  expect(lab.page.url()).not.toContain(lab.server.token);
  await lab.page.reload();
  await lab.connected();
  await expect(lab.get('world-tab-coral')).toHaveAttribute('aria-current', 'page');
  await expect(lab.get('view-select')).toHaveValue('u');
});

test('zooming in keeps the cell under the pointer', async ({ lab }) => {
  await lab.open('#world=glider');
  await expect.poll(async () => (await lab.frame())?.w).toBe(64);
  await lab.page.mouse.move(...(await lab.place(33.5, 31.5, 64, 64)));
  await expect(lab.get('probe')).toContainText('33, 31');
  await lab.page.mouse.wheel(0, -600);
  await expect(lab.page).toHaveURL(/at=/);
  await expect(lab.get('probe')).toContainText('33, 31');
  await lab.get('fit').click();
  await expect(lab.page).not.toHaveURL(/at=/);
});

test('two pages see the same step, and both get frames', async ({ lab, another }) => {
  const other = await another();
  await lab.open('#world=coral');
  await other.open('#world=coral');
  if ((await lab.server.world('coral')).state === 'paused') await lab.get('play-button').click();
  for (const each of [lab, other]) {
    const from = (await each.frame())!.step;
    await expect.poll(async () => (await each.frame())!.step).toBeGreaterThan(from);
  }
  const step = await lab.pause('coral');
  await expect(other.get('play-button')).toHaveText('Play');
  await expect.poll(async () => (await other.frame())!.step).toBe(step);
  expect((await other.frame())!.checksum).toBe((await lab.frame())!.checksum);
});

test('killing a page leaves the server and the other page as they were', async ({
  lab,
  another,
}) => {
  const doomed = await another();
  await lab.open('#world=coral');
  await doomed.open('#world=coral');
  if ((await lab.server.world('coral')).state === 'paused') await lab.get('play-button').click();
  await doomed.page.goto('chrome://crash').catch(() => {});
  const from = (await lab.frame())!.step;
  await expect.poll(async () => (await lab.frame())!.step).toBeGreaterThan(from);
  expect(lab.server.alive).toBe(true);
});
