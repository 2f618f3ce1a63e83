import { expect, test, type Lab } from './page';

// Not compared: kept in test-results/screenshots for people to look at.
test.use({
  viewport: { width: 1440, height: 900 },
  worlds: [
    'coral=gray-scott,256x256,seed=7,sps=120',
    'orbium=lenia,256x256,sps=60',
    'packet=schrodinger,256x256,sps=60',
    'gun=life,256x160,sps=60',
    'growing=nca,96x96,sps=30',
  ],
});

const save = (lab: Lab, name: string) =>
  lab.page.screenshot({ path: `test-results/screenshots/${name}.png` });

async function settle(lab: Lab, step: number): Promise<void> {
  await expect
    .poll(async () => (await lab.frame())?.step ?? 0, { timeout: 120_000 })
    .toBeGreaterThan(step);
}

test('dark', async ({ lab }) => {
  await lab.open('#world=coral');
  await settle(lab, 600);
  await save(lab, 'dark');
});

test('light', async ({ lab }) => {
  await lab.page.emulateMedia({ colorScheme: 'light' });
  await lab.open('#world=coral');
  await settle(lab, 600);
  await save(lab, 'light');
});

test('phase', async ({ lab }) => {
  await lab.open('#world=packet&view=phase');
  await settle(lab, 20);
  await save(lab, 'phase');
});

for (const world of ['orbium', 'gun', 'growing']) {
  test(world, async ({ lab }) => {
    await lab.open(`#world=${world}`);
    await settle(lab, 60);
    await save(lab, world);
  });
}

test('help and palette', async ({ lab }) => {
  await lab.open('#world=coral');
  await lab.page.keyboard.press('?');
  await expect(lab.get('help')).toBeVisible();
  await save(lab, 'help');
  await lab.page.keyboard.press('Escape');
  await expect(lab.get('help')).toHaveCount(0);
  await lab.page.keyboard.press('Control+k');
  await expect(lab.get('palette')).toBeVisible();
  await save(lab, 'palette');
});

for (const [name, width, height] of [
  ['small', 900, 700],
  ['phone', 390, 844],
] as const) {
  test(name, async ({ lab }) => {
    await lab.page.setViewportSize({ width, height });
    await lab.open('#world=coral');
    await settle(lab, 100);
    await save(lab, name);
  });
}
