// SPDX-License-Identifier: Apache-2.0
// The embedded console of a real agent, while `nameflow demo` looks names up in network namespaces.
// Needs root, as agent and demo do. usage: NAMEFLOW=build/nameflow node --test agent.test.mjs
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAgent, startDemo, stop } from './agent.mjs';
import { cellAt, settled } from './browser.mjs';
import { stage } from './stage.mjs';

const skip = process.getuid() === 0 ? false : 'needs root';
let folder;
let agent;
let demo;
const { flow, url } = stage({
  skip, timeout: 120_000, patience: 60_000,
  start: async (ends) => {
    folder = mkdtempSync(join(tmpdir(), 'nameflow-e2e-'));
    ends(() => rmSync(folder, { recursive: true }));
    agent = await startAgent(folder, 'memory');
    ends(() => stop(agent.child));
    ends(() => stop(demo));
    return agent.url;
  },
});

flow('first start: no data, then the demo makes some', '?refresh=5s', async (page) => {
  await page.getByText('No DNS has been seen yet').waitFor();
  demo = startDemo();
  await page.getByRole('region', { name: 'Is DNS all right?' }).waitFor();
  await page.locator('[data-panel=servers]').getByRole('button', { name: '192.0.2.53' }).waitFor();
  assert.ok(!page.url().includes('token'));
});

flow('from an error to the process behind it', '?view=traffic&from=-15m&filter=rcode%3DSERVFAIL&refresh=5s', async (page) => {
  await page.locator(cellAt(0, 4)).filter({ hasText: 'nas.broken.example' }).waitFor();
  await page.locator(cellAt(0, 0)).click({ position: { x: 10, y: 10 } });
  const side = page.getByRole('complementary', { name: 'Transaction' });
  await side.getByText(/asked .* for the .* records of nas\.broken\.example/).waitFor();
  await side.getByText('SERVFAIL', { exact: true }).waitFor();
  await side.getByText('Way through this host').waitFor();
});

flow('live: new transactions come in by themselves', '?view=traffic&from=-5m&refresh=live', async (page) => {
  const rows = () => page.evaluate(() => Number(document.querySelector('[role=grid]')?.getAttribute('aria-rowcount') ?? 0));
  await page.locator(cellAt(0, 0)).waitFor();
  const begin = await rows();
  await page.waitForFunction((n) => Number(document.querySelector('[role=grid]')?.getAttribute('aria-rowcount')) > n + 3, begin);
  await page.locator(cellAt(0, 0)).click({ position: { x: 10, y: 10 } });
  await page.getByText(/ asked /).waitFor();
});

flow('suggestions and mistakes are those of the agent', '?from=-15m', async (page) => {
  const input = page.getByRole('combobox', { name: 'Filter' });
  await input.fill('comm=');
  await page.getByRole('option', { name: /nginx.*×/ }).waitFor();
  await input.fill('rcode=NXDOMIAN');
  await page.keyboard.press('Enter');
  await page.locator('.nf-mistake').getByText(/NXDOMAIN/).waitFor();
  assert.equal(await page.locator('.nf-mistake mark').innerText(), 'NXDOMIAN');
});

flow('topology: the resolver of the demo stands in the middle', '?view=topology&from=-15m&full=table', async (page) => {
  await page.getByRole('rowheader', { name: /nginx → unbound \(192\.0\.2\.53\)/ }).waitFor();
  await page.goto(url('?view=topology&from=-15m'));
  await page.locator('.nf-topology canvas').waitFor();
});

flow('every panel has an answer', `?from=-15m&panels=${['rate_outcome', 'rcodes_total', 'heat', 'servers', 'p99', 'p50', 'p90', 'average', 'max', 'min', 'names', 'clients', 'top_servers', 'types', 'failing', 'retransmissions', 'units', 'containers', 'transports', 'domains', 'missing_domains', 'suffixes'].join(',')}`, async (page) => {
  await page.locator('[data-panel=suffixes]').waitFor();
  for (const panel of await page.locator('.nf-panel').all()) {
    await panel.scrollIntoViewIfNeeded();
    await page.waitForFunction((id) => document.querySelector(`[data-panel=${id}] .nf-panel__body`)?.childElementCount, await panel.getAttribute('data-panel'));
  }
  await settled(page);
  assert.equal(await page.locator('.pf-v6-c-alert').count(), 0);
  await page.locator('[data-panel=domains] .nf-rank').first().waitFor();
});

flow('a view is kept by the agent', '?from=-15m&filter=rcode%3DREFUSED', async (page) => {
  await page.getByRole('button', { name: 'Saved views' }).click();
  await page.getByRole('menuitem', { name: 'Save this view…' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Refused');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.match(readFileSync(join(folder, 'views.json'), 'utf8'), /"Refused": "\?.*filter=rcode%3DREFUSED"/);
});

flow('export of what the filter leaves', '?view=traffic&from=-15m&filter=rcode%3DREFUSED', async (page) => {
  await page.locator(cellAt(0, 0)).waitFor();
  await page.getByRole('button', { name: 'Export' }).click();
  await page.getByText('JSON lines').click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('dialog').getByRole('button', { name: 'Export' }).click()]);
  const lines = readFileSync(await download.path(), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  assert.ok(lines.length > 0);
  for (const row of lines) assert.equal(row.rcode, 'REFUSED');
});
