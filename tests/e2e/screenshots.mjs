// SPDX-License-Identifier: Apache-2.0
// Pictures of every view, in both themes and two sizes, into console/screenshots/ (not committed).
// usage: npm run screenshots [-- --url http://127.0.0.1:8053/#token=...] [--only NAME]
// Without --url the fixture of console/dev is started.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { launch, open, settled, still } from './browser.mjs';
import { startFixture } from './fixture.mjs';

const FOLDER = fileURLToPath(new URL('../../console/screenshots/', import.meta.url));
const SIZES = (option('sizes') ?? '1440x900,390x844').split(',').map((s) => s.split('x').map(Number));
const SHOTS = {
  overview: '?from=-6h',
  'overview-full': '?from=-6h&full=heat',
  'overview-table': '?from=-6h&full=names&panels=names:table:25',
  traffic: '?view=traffic&from=-6h',
  'traffic-row': '?view=traffic&from=-6h&filter=rcode=SERVFAIL&row=first',
  topology: '?view=topology&from=-6h',
  'topology-many': '?view=topology&from=-6h&group=qname&nodes=500&coloring=p99',
  mistake: '?filter=rcode=NOERRO',
  nomatch: '?from=-6h&filter=rcode=YXDOMAIN+qtype=MX',
};

/** What is open on top of a view. */
const OPEN = {
  'open-range': (page) => page.getByRole('button', { name: /^Time range/ }).click(),
  'open-suggestions': (page) => page.getByRole('combobox', { name: 'Filter' }).fill('rcode='),
  'open-panels': (page) => page.getByRole('button', { name: 'Manage panels' }).click(),
  'open-menu': (page) => page.getByRole('button', { name: 'Menu of Rate by outcome' }).click(),
  'open-ledger': (page) => page.getByRole('button', { name: /^Completeness/ }).click(),
  'open-views': (page) => page.getByRole('button', { name: 'Saved views' }).click(),
};
for (const name of Object.keys(OPEN)) SHOTS[name] = '?from=-6h';

function option(name) {
  const i = process.argv.indexOf(`--${name}`);
  return i < 0 ? undefined : process.argv[i + 1];
}

async function shoot(page, base, name, query, size, theme) {
  await page.goto(base + query.replace('row=first', ''));
  await settled(page);
  if (query.includes('row=first')) {
    await page.locator('.nf-grid__row').first().click({ position: { x: 20, y: 10 } });
    await settled(page);
  }
  await OPEN[name]?.(page);
  await settled(page);
  await still(page);
  await page.screenshot({ path: `${FOLDER}${name}-${theme}-${size.join('x')}.png` });
}

mkdirSync(FOLDER, { recursive: true });
const given = option('url');
const fixture = given ? undefined : await startFixture(['--rows', '30000']);
const base = given ?? fixture.url;
const browser = await launch();
try {
  for (const size of SIZES) {
    for (const theme of ['light', 'dark']) {
      const { page, context, problems } = await open(browser, { width: size[0], height: size[1], theme });
      await page.goto(base);
      const plain = base.replace(/#.*/, '');
      for (const [name, query] of Object.entries(SHOTS)) {
        if (option('only') && !name.startsWith(option('only'))) continue;
        await shoot(page, plain, name, query, size, theme);
      }
      for (const problem of problems) console.error(`${theme} ${size.join('x')}: ${problem}`);
      await context.close();
    }
  }
} finally {
  await browser.close();
  fixture?.stop();
}
console.log(`screenshots: ${FOLDER}`);
