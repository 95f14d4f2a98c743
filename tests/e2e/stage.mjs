// SPDX-License-Identifier: Apache-2.0
// What the tests of a file have in common: the browser, what they look at, and an end of both.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open, settled } from './browser.mjs';

const BEGIN_MS = 180_000;
const END_MS = 60_000;

/**
 * `start(ends)` starts what is looked at before the first test, gives `ends` what ends each part of
 * it (the last begun ends first), and resolves with a function that makes an address of a query.
 * `timeout` is a test's, `patience` that of a step within it.
 */
export function stage({ start, skip = false, timeout = 60_000, patience }) {
  const ends = [];
  let browser;
  let address;
  before(async () => {
    if (skip) return;
    browser = await launch();
    ends.push(() => browser.close());
    address = await start((end) => ends.push(end));
  }, { timeout: BEGIN_MS });
  after(async () => {
    for (const end of ends.reverse()) await end();
  }, { timeout: END_MS });

  /** One thing that a person does, in a fresh browser; fails, too, when the page had an error or broke
   * the policy. */
  function flow(name, query, steps, options = {}) {
    test(name, { timeout, skip }, async () => {
      const { page, context, problems } = await open(browser, { acceptDownloads: true, ...options });
      if (patience) page.setDefaultTimeout(patience);
      try {
        await page.goto(address(query));
        await settled(page);
        await steps(page, context);
        assert.deepEqual(problems, []);
      } finally {
        await context.close();
      }
    });
  }
  return { flow, browser: () => browser, url: (query = '') => address(query) };
}
