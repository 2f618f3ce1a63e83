import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from './page';
import { changing } from './proxy';
import { Server } from './server';

test.use({
  worlds: ['coral=gray-scott,128x128,seed=7,sps=120', 'packet=schrodinger,128x128,sps=60'],
});

test('hostile titles, descriptions and failures are shown as text', async ({ lab }) => {
  const hostile = '<img src=x onerror=window.__hurt=1>';
  const proxy = await changing(lab.server, (message) => {
    const { worlds } = (message.state ?? {}) as { worlds?: Record<string, unknown>[] };
    for (const world of worlds ?? []) {
      Object.assign(world, { name: hostile, title: hostile, state: 'failed', failure: hostile });
    }
    for (const law of (message.laws ?? []) as Record<string, unknown>[]) {
      Object.assign(law, { title: hostile, about: hostile, equation: hostile });
    }
  });
  await lab.page.goto(proxy.url);
  await expect(lab.get('failure')).toContainText(hostile);
  await expect(lab.get(`world-tab-${hostile}`).first()).toContainText(hostile);
  await expect(lab.page.locator('img')).toHaveCount(0);
  expect(await lab.page.evaluate(() => '__hurt' in window)).toBe(false);
  await lab.page.goto('about:blank');
  proxy.stop();
});

test.describe('without a credential', () => {
  // The refused upgrade, and the question why, are logged by the browser itself.
  test.use({ expectedFaults: [/401|WebSocket/] });

  test('a token is asked for, a wrong one refused, the right one lets in', async ({ lab }) => {
    await lab.page.goto(lab.server.http);
    await expect(lab.get('login')).toBeVisible();
    await lab.get('token').fill('A'.repeat(43));
    await lab.page.getByRole('button', { name: 'Sign in' }).click();
    await expect(lab.get('login')).toContainText('does not know this token');
    await lab.get('token').fill(lab.server.token);
    await lab.page.getByRole('button', { name: 'Sign in' }).click();
    await lab.connected();
    await expect(lab.get('login')).toHaveCount(0);
    expect(
      await lab.page.evaluate(() => JSON.stringify({ ...localStorage }) + location.href),
    ).not.toContain(lab.server.token);
  });
});

test('a server that stops is waited for', async ({ lab, browser }) => {
  const mortal = await Server.start('coral=gray-scott,64x64,sps=60');
  const page = await (await browser.newContext()).newPage();
  await page.goto(await mortal.link());
  await expect(page.getByTestId('connection')).toHaveText('Connected');
  await mortal.stop();
  await expect(page.getByTestId('connection')).toHaveText(/Reconnecting|Connecting/);
  await page.close();
  await lab.open();
});

for (const theme of ['dark', 'light'] as const) {
  test.describe(theme, () => {
    test.use({ colorScheme: theme });

    test('has no serious accessibility fault', async ({ lab }) => {
      await lab.open('#world=coral');
      for (const name of ['Start', 'Histogram']) {
        await lab.page.getByRole('button', { name, exact: true }).click();
      }
      const scan = async () => {
        const { violations } = await new AxeBuilder({ page: lab.page }).analyze();
        const serious = violations.filter(
          ({ impact }) => impact === 'serious' || impact === 'critical',
        );
        return serious.map(
          ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`,
        );
      };
      expect(await scan()).toEqual([]);
      await lab.get('help-button').click();
      expect(await scan()).toEqual([]);
    });
  });
}
