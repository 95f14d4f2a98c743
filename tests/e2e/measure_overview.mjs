// SPDX-License-Identifier: Apache-2.0
// How long a refresh of the overview takes on a store, from the press to the last panel drawn, and
// what each of its requests takes. Reported, not tested: machines differ.
// usage: npm run measure-overview -- --url http://127.0.0.1:8053/#token=... [--query '?from=-1d'] [--rounds 5]
import { launch, open, settled } from './browser.mjs';

function option(name, otherwise) {
  const i = process.argv.indexOf(`--${name}`);
  return i < 0 ? otherwise : process.argv[i + 1];
}
const ROUNDS = Number(option('rounds', 5));
const [address, token] = option('url', 'http://127.0.0.1:8053/').split('#');

/** In the page: notes when each request was made and answered. */
function watchRequests() {
  const plain = window.fetch;
  window.nfAsked = [];
  window.fetch = async (path, init) => {
    const asked = { path: String(path), begin: performance.now(), end: 0, bytes: 0 };
    window.nfAsked.push(asked);
    try {
      const response = await plain(path, init);
      asked.bytes = (await response.clone().arrayBuffer()).byteLength;
      return response;
    } finally {
      asked.end = performance.now();
    }
  };
}

/** Presses and resolves once every request is answered and what it brought has been drawn. */
async function refresh(page) {
  return page.evaluate(async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    window.nfAsked.length = 0;
    const begin = performance.now();
    document.querySelector('.nf-refresh > button:last-child').click();
    let quiet = 0;
    let drawn = begin;
    while (quiet < 3) {
      await frame();
      const waits = window.nfAsked.length === 0 || window.nfAsked.some((a) => a.end === 0);
      quiet = waits ? 0 : quiet + 1;
      if (quiet < 2) drawn = performance.now();
    }
    return {
      ms: drawn - begin,
      asked: window.nfAsked.map((a) => ({ path: a.path, at: a.begin - begin, ms: a.end - a.begin, bytes: a.bytes })),
    };
  });
}

/** Milliseconds of processor time that the page's main thread has used. */
async function busyMs(cdp) {
  const { metrics } = await cdp.send('Performance.getMetrics');
  return metrics.find((m) => m.name === 'TaskDuration').value * 1000;
}

/** What a request is about: everything but the moments. */
function nameOf(path) {
  const url = new URL(path, 'http://agent');
  for (const name of ['from', 'until', 'metrics', 'limit']) url.searchParams.delete(name);
  return decodeURIComponent(url.pathname.replace('/api/v1/', '') + url.search);
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;

function report(rounds) {
  console.log(`refresh of the overview: ${rounds.map((r) => r.ms.toFixed(0)).join(', ')} ms; median ${median(rounds.map((r) => r.ms)).toFixed(0)} ms, ${median(rounds.map((r) => r.busy_ms)).toFixed(0)} ms of them the page's main thread at work`);
  console.log('    asked after   answered in       bytes');
  for (const one of rounds[0].asked) {
    const same = rounds.flatMap((r) => r.asked.filter((a) => nameOf(a.path) === nameOf(one.path)));
    const of = (name) => median(same.map((a) => a[name])).toFixed(0);
    console.log(`${of('at').padStart(12)} ms${of('ms').padStart(11)} ms${of('bytes').padStart(12)}  ${nameOf(one.path)}`);
  }
}

const browser = await launch();
try {
  const { page, context } = await open(browser);
  await page.addInitScript(watchRequests);
  await page.goto(`${address}${option('query', '?from=-1d')}&refresh=off#${token ?? ''}`);
  page.setDefaultTimeout(60_000);
  await page.locator('.nf-health__tiles').waitFor();
  await settled(page);
  const rounds = [];
  const cdp = await context.newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  for (let i = 0; i < ROUNDS; i += 1) {
    const before = await busyMs(cdp);
    rounds.push({ ...await refresh(page), busy_ms: await busyMs(cdp) - before });
  }
  report(rounds);
} finally {
  await browser.close();
}
