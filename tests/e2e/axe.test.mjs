// SPDX-License-Identifier: Apache-2.0
// No serious finding of axe-core on any view, in both themes, on a desk and on a phone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axePath, cellAt, open, settled, still } from './browser.mjs';
import { startFixture } from './fixture.mjs';
import { stage } from './stage.mjs';

const VIEWS = {
  overview: '?from=-2h',
  'overview as tables': '?from=-2h&panels=names:table:25,rcodes,p99:bars,suffixes',
  traffic: '?view=traffic&from=-2h',
  topology: '?view=topology&from=-2h',
  'topology as table': '?view=topology&from=-2h&full=table',
  'a node': '?view=topology&from=-2h&node=g:curl',
  'no match': '?from=-2h&filter=comm%3Dnobody',
  mistake: '?filter=rcode%3DNOERRO',
};
const { browser, url } = stage({
  start: async (ends) => {
    const fixture = await startFixture(['--rows', '5000', '--hours', '2']);
    ends(fixture.stop);
    return (query) => new URL(`/${query}`, fixture.url).href;
  },
});

async function findings(page) {
  // Colours that still change from one to another are nobody's contrast.
  await still(page);
  const result = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return result.violations
    .filter((v) => ['serious', 'critical'].includes(v.impact))
    .map((v) => `${v.id}: ${v.nodes.slice(0, 4).map((n) => `${n.target.join(' ')} ${n.any[0]?.message ?? ''}`).join(' | ')}`);
}

for (const theme of ['light', 'dark']) {
  for (const [width, height] of [[1440, 900], [360, 740]]) {
    test(`${theme} ${width}x${height}`, { timeout: 180_000 }, async (t) => {
      // axe is a script of the test's, which the policy of the page rightly refuses.
      const { page, context } = await open(browser(), { width, height, theme, bypassCSP: true });
      await page.addInitScript({ path: axePath() });
      for (const [name, query] of Object.entries(VIEWS)) {
        await t.test(name, async () => {
          await page.goto(url(query));
          await settled(page);
          assert.deepEqual(await findings(page), []);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          assert.ok(wide <= 0, `${wide} px wider than the screen`);
        });
      }
      await t.test('dialogs and side panel', async () => {
        await page.goto(url('?view=traffic&from=-2h'));
        await settled(page);
        await page.locator(cellAt(0, 0)).click({ position: { x: 10, y: 10 } });
        await page.getByText(/ asked /).waitFor();
        assert.deepEqual(await findings(page), []);
        await page.keyboard.press('Escape');
        await page.getByRole('button', { name: 'Columns' }).click();
        await page.getByRole('dialog').waitFor();
        assert.deepEqual(await findings(page), []);
      });
      await context.close();
    });
  }
}
