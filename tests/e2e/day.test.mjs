// SPDX-License-Identifier: Apache-2.0
// The console of a real agent whose store holds a day, with live lookups on top: what a person does
// with it, point by point. Needs root. usage: NAMEFLOW=... STORE_BENCH=... node --test day.test.mjs
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ask, startAgent, startDemo, stop } from './agent.mjs';
import { axePath, open, settled, still } from './browser.mjs';
import { stage } from './stage.mjs';

const ROWS = 300_000;
const DAY = 'from=-1d&refresh=off';
const skip = process.getuid() === 0 ? false : 'needs root';
let agent;

const bytes = (...list) => Buffer.from(list);
const HOSTILE = {
  image: [Buffer.from('<img src=x onerror=alert(1)>')],
  formula: [Buffer.from('=cmd|calc!A0')],
  control: [bytes(0, 1, 10, 27), Buffer.from('control')],
  direction: [Buffer.from('\u202egnp.exe\u202c'), Buffer.from('direction')],
  invalid: [bytes(0xff, 0xfe, 0xc0), Buffer.from('invalid')],
  long: [63, 63, 63, 51].map((n) => Buffer.alloc(n, 'x')),
};

const { flow, browser } = stage({
  skip, timeout: 180_000, patience: 40_000,
  start: async (ends) => {
    const folder = mkdtempSync(join(tmpdir(), 'nameflow-e2e-day-'));
    ends(() => rmSync(folder, { recursive: true }));
    execFileSync(process.env.STORE_BENCH, ['fill', folder, '--rows', String(ROWS), '--hours', '24'], { timeout: 120_000 });
    agent = await startAgent(folder, 'duckdb');
    ends(() => stop(agent.child));
    const demo = startDemo();
    ends(() => stop(demo));
    const names = Object.values(HOSTILE);
    for (const [i, labels] of names.entries()) {
      await ask([...labels, Buffer.from(i === names.length - 1 ? 'x' : 'hostile'), Buffer.from('test')], 1000 + i);
    }
    return agent.url;
  },
});

const param = (page, name) => new URL(page.url()).searchParams.get(name);
const waitParam = (page, name, value) => page.waitForFunction(([n, v]) => new URL(location.href).searchParams.get(n) === v, [name, value]);
const rowCount = (page) => page.evaluate(() => Number(document.querySelector('[role=grid]')?.getAttribute('aria-rowcount') ?? 0) - 1);

/** Until the store has what was asked just now. */
async function stored(page, filter, least) {
  await page.waitForFunction(async ([f, token, n]) => {
    const q = new URLSearchParams({ by: 'outcome', from: '-1h', filter: f });
    const answer = await fetch(`/api/v1/top?${q}`, { headers: { Authorization: `Bearer ${token}` } });
    return (await answer.json()).overall.count >= n;
  }, [filter, agent.token, least], { polling: 200 });
}

flow('1 the frame: range, badge and its ledger, and the address in another browser', '?refresh=off', async (page) => {
  await page.getByRole('button', { name: /^Time range/ }).click();
  await page.getByRole('button', { name: 'Last 24 hours' }).click();
  await waitParam(page, 'from', '-1d');
  await settled(page);
  await page.getByRole('button', { name: /^Completeness: Complete since/ }).click();
  await page.getByRole('dialog').getByText(/What was lost before .* is not known/).waitFor();
  await page.keyboard.press('Escape');
  // A moment that does not move, so that both show the same.
  const end = Date.now() - 36e5;
  const [from, until] = [end - 12 * 36e5, end].map((ms) => new Date(ms).toISOString());
  await page.goto(agent.url(`?from=${from}&until=${until}&filter=qtype%3DAAAA&panels=names:table:25,rcodes,servers&off=comm%3Djava`));
  await settled(page);
  const seen = (p) => p.evaluate(() => ({
    names: document.querySelector('[data-panel=names] table').innerText,
    servers: document.querySelector('[data-panel=servers] table').innerText,
    chips: document.querySelector('.nf-chips').innerText, tiles: document.querySelector('.nf-health').innerText,
    panels: [...document.querySelectorAll('.nf-panel')].map((e) => e.dataset.panel),
  }));
  await page.locator('[data-panel=servers] table').waitFor();
  const other = await open(browser());
  await other.page.goto(`${page.url()}#token=${agent.token}`);
  await other.page.locator('[data-panel=names] table').waitFor();
  await other.page.locator('[data-panel=servers] table').waitFor();
  await settled(other.page);
  assert.deepEqual(await seen(other.page), await seen(page));
  await other.context.close();
});

flow('2 filters: suggested with counts, by me, and turned from a chip', `?view=traffic&${DAY}`, async (page) => {
  await stored(page, 'uid=0 server=127.0.0.77', 6);
  const input = page.getByRole('combobox', { name: 'Filter' });
  await input.fill('qtype=');
  await page.getByRole('option', { name: /^AAAA.*k ×/ }).click();
  await page.keyboard.press('Enter');
  await waitParam(page, 'filter', 'qtype=AAAA');
  await page.locator('.nf-chips').getByRole('button', { name: 'qtype=AAAA', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Negate' }).click();
  await waitParam(page, 'filter', 'qtype!=AAAA');
  await page.getByRole('button', { name: 'By me' }).click();
  await waitParam(page, 'filter', 'qtype!=AAAA uid=0');
  await page.locator('.nf-chips').getByRole('button', { name: 'qtype!=AAAA', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  await waitParam(page, 'filter', 'uid=0');
  await input.fill('server=127.0.0.77');
  await page.keyboard.press('Enter');
  await page.locator('.nf-grid__row').getByText(/^(node|MainThread)$/).first().waitFor();
});

flow('3 the overview answers from a day, domains and suffixes too', `?${DAY}&panels=rate_outcome,rcodes_total,heat,servers,p99,p50,names,domains,suffixes,missing_domains,failing,retransmissions,processes,rcodes`, async (page) => {
  await page.getByRole('region', { name: 'Is DNS all right?' }).waitFor();
  for (const panel of await page.locator('.nf-panel').all()) {
    await panel.scrollIntoViewIfNeeded();
    await page.waitForFunction((id) => document.querySelector(`[data-panel=${id}] .nf-panel__body`)?.childElementCount, await panel.getAttribute('data-panel'));
  }
  await settled(page);
  assert.equal(await page.locator('.pf-v6-c-alert').count(), 0);
  await page.locator('[data-panel=domains]').getByRole('button', { name: 'cluster.local' }).click();
  await page.getByRole('menuitem', { name: 'Filter for' }).click();
  await waitParam(page, 'filter', 'domain=cluster.local');
  await page.locator('[data-panel=suffixes]').getByRole('button', { name: /svc\.cluster\.local$/ }).first().waitFor();
});

flow('4 traffic: sorted by the agent, endless, a row and its neighbour, exported whole', `?view=traffic&${DAY}&filter=rcode%3DSERVFAIL+server%3D10.0.0.2`, async (page) => {
  await page.getByRole('columnheader', { name: /Latency/ }).getByRole('button').click();
  await waitParam(page, 'order', '-latency_us');
  await page.waitForFunction(() => Number(document.querySelector('[role=grid]')?.getAttribute('aria-rowcount')) === 201);
  await page.getByRole('grid').focus();
  await page.keyboard.press('End');
  await page.waitForFunction(() => Number(document.querySelector('[role=grid]')?.getAttribute('aria-rowcount')) > 1000);
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  const side = page.getByRole('complementary', { name: 'Transaction' });
  await side.getByText(/ asked .*SERVFAIL/).waitFor();
  const first = param(page, 'row');
  await page.keyboard.press('j');
  await page.waitForFunction((r) => new URL(location.href).searchParams.get('row') !== r, first);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Export' }).click();
  await page.getByText('JSON lines').click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('dialog').getByRole('button', { name: 'Export' }).click()]);
  const rows = readFileSync(await download.path(), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  assert.ok(rows.length > 1500, `${rows.length}`);
  assert.ok(rows.every((r, i) => i === 0 || (rows[i - 1].latency_us ?? -1) >= (r.latency_us ?? -1)));
});

flow('4 live: what happens now comes in on top', `?view=traffic&from=-5m&refresh=live`, async (page) => {
  await page.getByRole('grid').waitFor();
  const begin = await rowCount(page);
  await page.waitForFunction((n) => Number(document.querySelector('[role=grid]')?.getAttribute('aria-rowcount')) > n + 3, begin + 1);
});

flow('5 topology of a day: 500 nodes, grouped anew, an edge opens', `?view=topology&${DAY}&nodes=500&group=client`, async (page) => {
  await page.getByRole('application', { name: /Who asks whom: \d+ nodes/ }).waitFor();
  await page.getByRole('button', { name: /Group by/ }).click();
  await page.getByRole('option', { name: 'Process', exact: true }).click();
  await page.getByRole('button', { name: 'Table' }).click();
  await page.getByRole('rowheader', { name: 'java → 10.0.0.2', exact: true }).getByRole('button').click();
  await page.getByRole('complementary', { name: 'Edge' }).getByText('P99').waitFor();
});

flow('6 states: no match, a refused query, a wrong token', `?${DAY}&filter=comm%3Dnobody`, async (page) => {
  await page.getByText('without comm=nobody').waitFor();
  await page.goto(agent.url(`?${DAY}&filter=rcode%3DNOERRO`));
  await page.getByText('The agent refused this').waitFor();
  assert.equal(await page.locator('.nf-mistake mark').innerText(), 'NOERRO');
  await page.goto(`${agent.address}/?view=traffic#token=wrong`);
  await page.getByText('This console needs a token').waitFor();
});

const HOSTILE_VIEWS = {
  bars: `?${DAY}&filter=server%3D127.0.0.77&panels=names:bars:25,domains:bars:25,suffixes`,
  donut: `?${DAY}&filter=server%3D127.0.0.77&panels=names:donut:25`,
  lines: `?from=-15m&refresh=off&filter=server%3D127.0.0.77&panels=names:lines:25`,
  table: `?${DAY}&filter=server%3D127.0.0.77&panels=names:table:25&full=names`,
  latency: `?${DAY}&filter=server%3D127.0.0.77&by=qname&panels=p99:bars:25`,
  traffic: `?view=traffic&from=-15m&refresh=off&filter=server%3D127.0.0.77`,
  topology: `?view=topology&${DAY}&filter=server%3D127.0.0.77&group=qname`,
  edges: `?view=topology&${DAY}&filter=server%3D127.0.0.77&group=qname&full=table`,
};
for (const [name, query] of Object.entries(HOSTILE_VIEWS)) {
  flow(`hostile names, ${name}`, query, async (page) => {
    await stored(page, 'server=127.0.0.77', 6);
    await page.getByRole('button', { name: 'Refresh now' }).click();
    await settled(page);
    await page.locator('.nf-panel__body canvas, .nf-rank, .nf-table, .nf-grid__row, .nf-topology canvas').first().waitFor();
    for (const canvas of await page.locator('canvas').all()) {
      const box = await canvas.boundingBox();
      // The tooltip of whatever lies there.
      for (const [x, y] of [[0.5, 0.5], [0.9, 0.5], [0.28, 0.5], [0.5, 0.2]]) await page.mouse.move(box.x + box.width * x, box.y + box.height * y);
    }
    assert.equal(await page.locator('img[src="x"]').count(), 0);
    const text = await page.locator('body').innerText();
    // eslint-disable-next-line no-control-regex
    assert.ok(!/[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069]/.test(text), JSON.stringify(text));
  });
}

flow('hostile names, in the side panel and as CSV', '?view=traffic&from=-1h&refresh=off&filter=server%3D127.0.0.77', async (page) => {
  await stored(page, 'server=127.0.0.77', 6);
  await page.getByRole('button', { name: 'Refresh now' }).click();
  for (const piece of ['<img\\032src=x', '\\255\\254\\192.invalid', '\\000\\001\\010\\027.control', '\\226\\128\\174gnp']) {
    await page.locator('.nf-grid__cell').getByText(piece).first().click();
    await page.getByRole('complementary', { name: 'Transaction' }).getByText(/ asked /).waitFor();
    assert.equal(await page.locator('img[src="x"]').count(), 0);
  }
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Export' }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('dialog').getByRole('button', { name: 'Export' }).click()]);
  const csv = readFileSync(await download.path(), 'utf8');
  assert.match(csv, /,'=cmd\|calc!a0\.hostile\.test,/);
  for (const line of csv.split('\r\n')) assert.ok(!/(^|,)[=+@-](?![\d.]+(,|$))/.test(line), line);
});

for (const theme of ['light', 'dark']) {
  test(`7 no serious finding of axe, ${theme}`, { timeout: 180_000, skip }, async () => {
    const { page, context } = await open(browser(), { theme, bypassCSP: true });
    page.setDefaultTimeout(40_000);
    await page.addInitScript({ path: axePath() });
    for (const query of [`?${DAY}`, `?view=traffic&${DAY}`, `?view=topology&${DAY}`, `?view=topology&${DAY}&node=g:java&to=s:10.0.0.2`]) {
      await page.goto(agent.url(query));
      await settled(page);
      await still(page);
      const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
      assert.deepEqual(found.violations.filter((v) => ['serious', 'critical'].includes(v.impact)).map((v) => `${v.id} ${v.nodes[0].target.join(' ')}`), [], query);
    }
    await context.close();
  });
}
