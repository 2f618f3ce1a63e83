import { expect, test } from './page';

test.use({
  worlds: [
    'dish=gray-scott,64x64,init=empty,paused',
    'coral=gray-scott,128x128,seed=7,sps=120',
    'life=life,64x64,init=empty,paused',
    'reset=gray-scott,64x64,paused',
  ],
});

test('a brush stroke reaches the engine and comes back in a frame; undo takes it away', async ({
  lab,
}) => {
  await lab.open('#world=dish&view=v');
  await expect.poll(async () => (await lab.frame())?.w).toBe(64);
  expect((await lab.pixel(32, 32))![0]).toBeCloseTo(0);
  await lab.page.keyboard.press('b');
  const at = (x: number, y: number) => lab.place(x + 0.5, y + 0.5, 64, 64);
  await lab.page.mouse.move(...(await at(20, 32)));
  await lab.page.mouse.down();
  await lab.page.mouse.move(...(await at(44, 32)), { steps: 12 });
  await lab.page.mouse.up();
  await expect.poll(async () => (await lab.pixel(32, 32))![0]).toBeGreaterThan(0.1);
  expect((await lab.pixel(32, 10))![0]).toBeCloseTo(0);

  const field = await lab.server.field('dish');
  expect(field.shape).toEqual([64, 64]);
  expect(field.values[32 * 64 + 32]).not.toBeCloseTo(field.values[10 * 64 + 32]!);
  await lab.get('undo').click();
  await expect.poll(async () => (await lab.pixel(32, 32))![0]).toBeCloseTo(0);
});

test('a slider changes the law, and the other page shows it', async ({ lab, another }) => {
  const other = await another();
  await lab.open('#world=coral');
  await other.open('#world=coral');
  const feed = lab.page.locator('[data-testid^=param-][type=range]').first();
  const name = (await feed.getAttribute('data-testid'))!;
  const { lo, hi } = await feed.evaluate((e: HTMLInputElement) => ({
    lo: Number(e.min),
    hi: Number(e.max),
  }));
  await feed.focus();
  await lab.page.keyboard.press('End');
  const param = name.replace('param-', '');
  const value = async () => {
    const world = (await lab.server.world('coral')) as unknown as {
      params: Record<string, number>;
    };
    return world.params[param];
  };
  await expect.poll(value).toBeCloseTo(hi);
  await expect(other.get(name)).toHaveValue(String(hi));
  await other.get(`${name}-value`).fill(String(lo));
  await other.page.keyboard.press('Enter');
  await expect.poll(value).toBeCloseTo(lo);
  await expect(lab.get(name)).toHaveValue(String(lo));
});

test('a rule is applied with Enter; a wrong one is refused in words', async ({ lab }) => {
  await lab.open('#world=life');
  const rule = lab.get('param-rule');
  await rule.fill('B36/S23');
  await rule.press('Enter');
  await expect
    .poll(
      async () =>
        ((await lab.server.world('life')) as unknown as { params: { rule: string } }).params.rule,
    )
    .toBe('B36/S23');
  await rule.fill('nonsense');
  await rule.press('Enter');
  await expect(lab.get('notices')).toContainText(/rule/i);
});

test('RLE text starts a world from it', async ({ lab }) => {
  await lab.open('#world=life');
  await lab.page.getByRole('button', { name: 'Start', exact: true }).click();
  await lab.page.getByRole('button', { name: /Paste a pattern/ }).click();
  await lab.page.getByLabel(/Golly/).fill('x = 3, y = 3, rule = B3/S23\nbob$2bo$3o!');
  await lab.page.getByRole('button', { name: 'Start from it' }).click();
  await expect
    .poll(async () =>
      Array.from((await lab.server.field('life')).values).reduce((a, b) => a + b, 0),
    )
    .toBeGreaterThan(2);
});

test('law and preset pickers, reset', async ({ lab }) => {
  await lab.open('#world=coral');
  const presets = await lab
    .get('preset-select')
    .locator('option')
    .evaluateAll((all) =>
      all.map((one) => (one as HTMLOptionElement).value).filter((value) => value !== ''),
    );
  const last = presets.at(-1)!;
  await lab.get('preset-select').selectOption(last);
  await expect
    .poll(async () => ((await lab.server.world('coral')) as unknown as { preset: string }).preset)
    .toBe(last);
  await lab.get('law-select').selectOption('life');
  await expect(lab.get('param-rule')).toBeVisible();
  await expect.poll(async () => (await lab.frame())?.w).toBe(128);
});

test('reset goes back to step 0 and to the parameters as they were', async ({ lab }) => {
  await lab.open('#world=reset');
  const feed = lab.get('param-F-value');
  const before = await feed.inputValue();
  await feed.fill('0.1');
  await feed.press('Enter');
  await lab.page.getByLabel('How many steps').fill('7');
  await lab.page.getByRole('button', { name: 'steps', exact: true }).click();
  await expect(lab.get('step-counter')).toHaveAttribute('data-step', '7');
  await lab.get('reset-button').click();
  await expect(lab.get('step-counter')).toHaveAttribute('data-step', '0');
  await expect(feed).toHaveValue(before);
});

test('a keyboard alone can play, move a cursor, read and paint', async ({ lab }) => {
  await lab.open('#world=dish&view=v');
  await expect.poll(async () => (await lab.frame())?.w).toBe(64);
  await lab.get('field-canvas').focus();
  await lab.page.keyboard.press('ArrowRight');
  await lab.page.keyboard.press('Shift+ArrowDown');
  await expect(lab.get('probe')).toContainText('33, 42');
  await lab.page.keyboard.press('Enter');
  await expect.poll(async () => (await lab.pixel(33, 42))![0]).toBeGreaterThan(0.1);
  await lab.page.keyboard.press('Control+z');
  await expect.poll(async () => (await lab.pixel(33, 42))![0]).toBeCloseTo(0);
});
