// SPDX-License-Identifier: Apache-2.0
// What the console costs: bytes of the first load, time until it can be used, frames a second while
// 100,000 rows scroll by. Reported, not tested: machines differ.
// usage: npm run measure [-- --url http://127.0.0.1:8053/#token=...]
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { launch, open, settled } from './browser.mjs';
import { DIST, startFixture } from './fixture.mjs';

const ROWS = 100_000;
const i = process.argv.indexOf('--url');
const given = i < 0 ? undefined : process.argv[i + 1];

function sizes() {
  const html = readFileSync(join(DIST, 'index.html'), 'utf8');
  let first = 0;
  let all = 0;
  for (const name of readdirSync(join(DIST, 'assets')).filter((n) => /\.(js|css)$/.test(n))) {
    const bytes = gzipSync(readFileSync(join(DIST, 'assets', name))).length;
    all += bytes;
    if (html.includes(name)) first += bytes;
  }
  return { first, all };
}

async function loadTime(browser, url) {
  const times = [];
  for (let run = 0; run < 5; run += 1) {
    const { page, context } = await open(browser);
    const begin = performance.now();
    await page.goto(url);
    await page.locator('.nf-health__tiles').waitFor();
    times.push(performance.now() - begin);
    await settled(page);
    await page.locator('canvas').first().waitFor();
    times.push(performance.now() - begin);
    await context.close();
  }
  const median = (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)];
  return { usable: median(times.filter((_, n) => n % 2 === 0)), charts: median(times.filter((_, n) => n % 2 === 1)) };
}

/** Milliseconds of processor time that the page's main thread has used: a measure that other work on
 * the machine does not change as it does frames. */
async function busyMs(cdp) {
  const { metrics } = await cdp.send('Performance.getMetrics');
  return metrics.find((m) => m.name === 'TaskDuration').value * 1000;
}

/** Scrolls for five seconds at `speed` pixels a second; 0: through all rows in that time. */
async function frames(page, cdp, speed) {
  const before = await busyMs(cdp);
  const result = await scroll(page, speed);
  return { ...result, busy_ms: (await busyMs(cdp) - before) / result.count };
}

function scroll(page, speed) {
  return page.evaluate(async (given) => {
    const grid = document.querySelector('.nf-grid');
    const end = given * 5 || grid.scrollHeight - grid.clientHeight;
    const begin = performance.now();
    const gaps = [];
    let last = begin;
    while (performance.now() - begin < 5000) {
      grid.scrollTop = (end * (performance.now() - begin)) / 5000;
      await new Promise((done) => requestAnimationFrame(done));
      const now = performance.now();
      gaps.push(now - last);
      last = now;
    }
    gaps.sort((a, b) => a - b);
    return { count: gaps.length, fps: (gaps.length * 1000) / (last - begin), p99_ms: gaps[Math.floor(gaps.length * 0.99)] };
  }, speed);
}

async function scrolling(browser, url) {
  const { page, context } = await open(browser);
  await page.goto(url);
  const plain = url.replace(/#.*/, '');
  await page.goto(`${plain}?view=traffic&from=-30d&refresh=off&histogram=off`);
  await page.locator('[role=grid]').waitFor();
  const rows = () => page.evaluate(() => Number(document.querySelector('[role=grid]').getAttribute('aria-rowcount')) - 1);
  let before = 0;
  for (let n = await rows(); n < ROWS && n !== before; n = await rows()) {
    before = n;
    await page.evaluate(() => document.querySelector('.nf-grid').scrollTo({ top: 1e9 }));
    await page.waitForFunction((old) => Number(document.querySelector('[role=grid]').getAttribute('aria-rowcount')) - 1 > old, n, { timeout: 10_000 }).catch(() => undefined);
  }
  const cdp = await context.newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const result = { rows: await rows(), hand: await frames(page, cdp, 4000), all: await frames(page, cdp, 0) };
  await context.close();
  return result;
}

const fixture = given ? undefined : await startFixture(['--rows', String(ROWS)]);
const browser = await launch();
try {
  const { first, all } = sizes();
  console.log(`first load: ${(first / 1000).toFixed(0)} kB gzip of script and style; all of it: ${(all / 1000).toFixed(0)} kB`);
  const url = given ?? fixture.url;
  const load = await loadTime(browser, url);
  console.log(`usable after ${load.usable.toFixed(0)} ms, charts after ${load.charts.toFixed(0)} ms (medians of 5)`);
  const scroll = await scrolling(browser, url);
  const say = (f) => `${f.fps.toFixed(0)} frames a second (99 % within ${f.p99_ms.toFixed(0)} ms; ${f.busy_ms.toFixed(1)} ms of the main thread each)`;
  console.log(`of ${scroll.rows} rows, 4000 pixels a second: ${say(scroll.hand)}; all in five seconds: ${say(scroll.all)}`);
} finally {
  await browser.close();
  fixture?.stop();
}
