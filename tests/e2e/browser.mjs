// SPDX-License-Identifier: Apache-2.0
// Debian's Chromium, and what every page is watched for: errors and violations of the policy.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../console/package.json', import.meta.url));
const { chromium } = require('playwright-core');

export function chromiumPath() {
  return process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((p) => existsSync(p));
}

export async function launch() {
  return chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
}

/** A page in a browser of its own. `problems` grows with each error on the console. */
export async function open(browser, { width = 1440, height = 900, theme = 'light', token = '', ...more } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, timezoneId: 'Europe/Berlin', ...more });
  const page = await context.newPage();
  // Nobody is there to choose a file: exports become downloads.
  await page.addInitScript(() => { delete window.showSaveFilePicker; });
  const problems = [];
  // A refused query is an answer, and not an error of the console.
  page.on('console', (m) => {
    if (m.type() === 'error' && !m.text().startsWith('Failed to load resource')) problems.push(m.text());
  });
  page.on('pageerror', (e) => problems.push(String(e)));
  page.setDefaultTimeout(15_000);
  return { context, page, problems, token };
}

/** Waits until nothing is loading any more. */
export async function settled(page) {
  await page.waitForFunction(() => document.querySelectorAll('.pf-v6-c-skeleton, .nf-slow').length === 0);
}

/** Waits until nothing moves any more: neither what the style sheets move nor the charts, which are
 * still once a frame looks like the one before. */
export async function still(page) {
  await page.evaluate(async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const picture = () => [...document.querySelectorAll('canvas')].map((c) => c.toDataURL()).join();
    await Promise.allSettled(document.getAnimations().filter((a) => a.effect?.getComputedTiming().endTime !== Infinity).map((a) => a.finished));
    let before;
    for (let now = picture(); now !== before; now = picture()) {
      before = now;
      await frame();
      await frame();
    }
  });
}

/** A cell of the table of transactions, rows counted from 0 without the head. */
export const cellAt = (row, column) => `.nf-grid__row[aria-rowindex="${row + 2}"] > [aria-colindex="${column + 1}"]`;

export const axePath = () => require.resolve('axe-core/axe.min.js');
