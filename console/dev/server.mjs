// SPDX-License-Identifier: Apache-2.0
// The API of the agent with made-up transactions: for work on the console, and for its tests.
// usage: node dev/server.mjs [--port 8099] [--rows 100000] [--hours 6] [--dist dist] [--token secret]
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { makeRow, makeRows, random } from './data.mjs';
import { FIELDS, valuesOf } from './fields.mjs';
import { Mistake, parseFilter } from './filter.mjs';
import { group, histogram, series, stepOf } from './groups.mjs';

function option(name, otherwise) {
  const i = process.argv.indexOf(`--${name}`);
  return i < 0 ? otherwise : process.argv[i + 1];
}
const PORT = Number(option('port', 8099));
const TOKEN = option('token', '');
const DIST = option('dist', '');
const ROWS = Number(option('rows', 100000));
const rows = ROWS ? makeRows(ROWS, Number(option('hours', 6)) * 36e5, Date.now()) : [];
for (const row of rows) derive(row);
const views = [];
const started = new Date().toISOString();

/** What is asked for, but not in the record. */
function derive(row) {
  row.ms = Date.parse(row.time);
  const labels = row.qname.split('.');
  if (labels.length > 1) Object.assign(row, { domain: labels.slice(-2).join('.'), suffix: labels.slice(1).join('.') });
}

function moment(text, otherwise) {
  if (!text) return otherwise;
  if (text === 'now') return Date.now();
  const m = /^-(\d+)(s|m|h|d)$/.exec(text);
  if (m) return Date.now() - Number(m[1]) * { s: 1e3, m: 6e4, h: 36e5, d: 864e5 }[m[2]];
  return Date.parse(text);
}

function selection(q) {
  const until = moment(q.get('until'), Date.now());
  const from = moment(q.get('from'), Date.now() - 9e5);
  const test = parseFilter(q.get('filter') ?? '');
  return { from, until, found: rows.filter((r) => r.ms >= from && r.ms < until && test(r)) };
}

const head = (s) => ({ from: new Date(s.from).toISOString(), until: new Date(s.until).toISOString() });
const clean = ({ ms: _, domain: _d, suffix: _s, ...row }) => row;
const list = (q, name, otherwise) => (q.get(name) ?? otherwise).split(',').filter(Boolean);

// The last sorted selection: further pages of it cost nothing.
let kept = { key: '' };

function sorted(q) {
  const key = ['from', 'until', 'filter', 'order'].map((n) => q.get(n)).join('\n');
  if (kept.key !== key || !q.get('after')) kept = { key, s: sortedAnew(q) };
  return kept.s;
}

function sortedAnew(q) {
  const s = selection(q);
  const order = q.get('order') ?? '-time';
  const field = FIELDS.find((f) => f.name === order.replace('-', ''));
  const sign = order.startsWith('-') ? -1 : 1;
  const value = (r) => valuesOf(r, field)[0];
  s.found.sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === undefined || y === undefined) return (x === undefined) - (y === undefined) || a.seq - b.seq;
    return x < y ? -sign : x > y ? sign : a.seq - b.seq;
  });
  return s;
}

function transactions(q, response) {
  const s = sorted(q);
  if (q.get('format') === 'ndjson') {
    response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
    for (const row of s.found) response.write(`${JSON.stringify(clean(row))}\n`);
    response.end();
    return undefined;
  }
  const limit = Number(q.get('limit') ?? 100);
  const begin = Number(q.get('after') ?? 0);
  const page = s.found.slice(begin, begin + limit);
  const next = begin + limit < s.found.length ? { next: String(begin + limit) } : {};
  return { ...head(s), transactions: page.map(clean), ...next };
}

function top(q) {
  const s = selection(q);
  const metrics = list(q, 'metrics', 'count,share');
  const by = list(q, 'by', 'rcode');
  const result = group(s.found, by, metrics, q.get('order') ?? '-count', Number(q.get('limit') ?? 10), Number(q.get('least') ?? 0));
  return { ...head(s), by, metrics, ...result, source: 'transactions', approximate: false };
}

function timeSeries(q) {
  const s = selection(q);
  const metrics = list(q, 'metrics', 'count');
  const by = list(q, 'by', '');
  const step = stepOf(q.get('step'), s.until - s.from);
  return { ...head(s), by, metrics, ...series(s.found, by, metrics, Number(q.get('limit') ?? 10), q.get('order') ?? '-count', s.from, s.until, step) };
}

function values(q) {
  const field = FIELDS.find((f) => f.name === q.get('field') || f.alias === q.get('field'));
  const counts = new Map();
  for (const row of selection(q).found) for (const v of valuesOf(row, field)) counts.set(String(v), (counts.get(String(v)) ?? 0) + 1);
  if (q.get('all') === 'true') for (const v of field.values) if (!counts.has(v)) counts.set(v, 0);
  const prefix = (q.get('prefix') ?? '').toLowerCase();
  const found = [...counts].filter(([v]) => v.toLowerCase().startsWith(prefix)).sort((a, b) => b[1] - a[1]);
  return { field: field.name, values: found.slice(0, Number(q.get('limit') ?? 20)).map(([value, count]) => ({ value, count })) };
}

function live(q, request, response) {
  const test = parseFilter(q.get('filter') ?? '');
  const rand = random(Date.now());
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  response.write(': hello\n\n');
  let seq = rows.length;
  const timer = setInterval(() => {
    const row = makeRow(rand, seq, Date.now(), false);
    derive(row);
    rows.push(row);
    seq += 1;
    if (test(row)) response.write(`event: transaction\ndata: ${JSON.stringify({ ...clean(row), seq: undefined })}\n\n`);
  }, 100);
  request.on('close', () => clearInterval(timer));
}

/** A quarter before the end the ring was full for a minute. */
function losses(q) {
  const until = moment(q.get('until'), Date.now());
  const from = moment(q.get('from'), Date.now() - 9e5);
  const iso = (ms) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
  const begin = rows[0]?.ms ?? Date.parse(started);
  const full = Math.floor((begin + 0.75 * (Date.parse(started) - begin)) / 6e4) * 6e4;
  const inside = rows.length > 0 && full + 6e4 > from && full < until;
  return {
    from: new Date(from).toISOString(), until: new Date(until).toISOString(), known_from: iso(begin),
    lost: inside ? [{ stage: 'ring', reason: 'full', count: 12, first: iso(full), last: iso(full + 6e4) }] : [],
    away: [],
  };
}

const status = () => ({
  version: '0.1.0', node: 'fixture', started, uptime_seconds: 86400, engine: 'memory',
  stages: [
    { stage: 'ring', in: rows.length * 2, out: rows.length * 2 - 12, dropped: { full: 12 }, lost: 12 },
    { stage: 'packets', in: rows.length * 2 - 12, out: rows.length * 2 - 90, dropped: { not_dns: 78 }, lost: 0 },
    { stage: 'store', in: rows.length, out: rows.length, dropped: {}, lost: 0 },
  ],
  you: { address: '127.0.0.1', uid: 1000, user: 'alice' },
  store: { rows: rows.length, disk_bytes: rows.length * 41, oldest: rows[0]?.time }, live_readers: 0,
});

function savedViews(request, name, body) {
  const i = views.findIndex((v) => v.name === name);
  if (request.method === 'PUT') {
    const view = { name, query: JSON.parse(body).query };
    if (i < 0) views.push(view);
    else views[i] = view;
  } else if (request.method === 'DELETE' && i >= 0) views.splice(i, 1);
  return { views };
}

async function body(request) {
  let text = '';
  for await (const piece of request) text += piece;
  return text;
}

async function answer(request, response, url) {
  const [name, rest] = url.pathname.slice('/api/v1/'.length).split('/');
  const q = url.searchParams;
  switch (name) {
    case 'transactions': return transactions(q, response);
    case 'transaction': {
      const row = rows.find((r) => r.seq === Number(rest));
      return row && clean(row);
    }
    case 'top': return top(q);
    case 'series': return timeSeries(q);
    case 'histogram': {
      const s = selection(q);
      return { ...head(s), ...histogram(s.found, s.from, s.until, stepOf(q.get('step'), s.until - s.from)) };
    }
    case 'values': return values(q);
    case 'fields': return { fields: FIELDS };
    case 'status': return status();
    case 'losses': return losses(q);
    case 'views': return savedViews(request, decodeURIComponent(rest ?? ''), await body(request));
    case 'live': return live(q, request, response), null;
    default: return undefined;
  }
}

function problem(response, code, fields) {
  response.writeHead(code, { 'Content-Type': 'application/problem+json' });
  response.end(JSON.stringify({ type: 'about:blank', status: code, ...fields }));
}

const MIME = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };
export const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

async function asset(response, path) {
  const name = path === '/' ? '/index.html' : normalize(path);
  try {
    const data = await readFile(join(DIST, name));
    response.writeHead(200, { 'Content-Type': MIME[extname(name)] ?? 'application/octet-stream', 'Content-Security-Policy': CSP });
    response.end(data);
  } catch {
    problem(response, 404, { title: 'Not Found' });
  }
}

const server = createServer((request, response) => {
  void (async () => {
    const url = new URL(request.url, 'http://localhost');
    if (!url.pathname.startsWith('/api/')) return asset(response, url.pathname);
    if (TOKEN && request.headers.authorization !== `Bearer ${TOKEN}`) return problem(response, 401, { title: 'Unauthorized' });
    try {
      const result = await answer(request, response, url);
      if (response.headersSent) return undefined;
      if (result === undefined) return problem(response, 404, { title: 'Not Found' });
      response.writeHead(200, { 'Content-Type': 'application/json' });
      return response.end(JSON.stringify(result));
    } catch (error) {
      if (error instanceof Mistake) return problem(response, 400, { title: 'Bad Request', detail: error.detail, column: error.column, width: error.width });
      console.error(error);
      return problem(response, 500, { title: 'Internal Server Error', detail: String(error) });
    }
  })();
});
server.listen(PORT, '127.0.0.1', () => console.log(`fixture: http://127.0.0.1:${server.address().port}/${TOKEN && `#token=${TOKEN}`}`));
