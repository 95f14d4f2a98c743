// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { EventCutter } from '../src/api/live';
import type { Field, Group, Transaction } from '../src/api/types';
import { evenBuckets } from '../src/charts/heat_option';
import { matchFields, stepAt } from '../src/filter/suggest';
import { moved } from '../src/frame/manage';
import { completeness, isAbout } from '../src/frame/completeness';
import { quickFilters } from '../src/filter/quick';
import { moveInHeat } from '../src/charts/heat_option';
import { verdict } from '../src/overview/verdict';
import { buildGraph, foldGraph, layout } from '../src/topology/graph';
import { cellText, COLUMNS, filterOf } from '../src/traffic/columns';
import { explain } from '../src/traffic/explain';
import { requestFor, rowKey } from '../src/traffic/row_key';
import { csvRow, LineCutter } from '../src/traffic/export_rows';

const row: Transaction = {
  seq: 1, time: '2026-11-24T05:06:07.123456789Z', outcome: 'answered', protocol: 'dns', transport: 'udp',
  client: '127.0.0.1', client_port: 40000, server: '127.0.0.53', server_port: 53, qname: 'www.example.com', qtype: 'A',
  rcode: 'NOERROR', latency_us: 1300, comm: 'curl', pid: 7,
  answers: [{ name: 'www.example.com', type: 'A', ttl: 60, data: '192.0.2.1' }],
};

describe('live events', () => {
  it('come whole, however they are cut', () => {
    const text = ': hello\n\nevent: transaction\ndata: {"a":1}\n\nevent: missed\r\ndata: {"count":2}\r\n\r\nevent: x\ndata: 3';
    for (let cut = 0; cut <= text.length; cut += 1) {
      const seen: string[] = [];
      const cutter = new EventCutter();
      const each = (event: string, data: string): number => seen.push(`${event} ${data}`);
      cutter.push(text.slice(0, cut), each);
      cutter.push(text.slice(cut), each);
      expect(seen).toEqual(['transaction {"a":1}', 'missed {"count":2}']);
    }
  });
  it('lines, too', () => {
    const cutter = new LineCutter();
    expect([...cutter.push('a\nb'), ...cutter.push('c\n\nd'), ...cutter.end()]).toEqual(['a', 'bc', 'd']);
  });
});

const field = (name: string, type: Field['type'], help = '', alias?: string): Field => ({ name, type, help, ...(alias ? { alias } : {}) });
const fields = [field('latency_us', 'duration', 'from query to response', 'latency'), field('rcode', 'enum', 'response code'), field('qname', 'text', 'name asked for')];

describe('suggestions', () => {
  it.each([
    ['', 'field', ''], ['lat', 'field', 'lat'], ['rcode', 'field', 'rcode'], ['rcode!', 'op', '!'], ['rcode=', 'value', ''],
    ['rcode = NX', 'value', 'NX'], ['a (rcode=SERVFAIL,NX', 'value', 'NX'], ['rcode=NX ', 'field', ''], ['x=1', 'field', 'x'],
  ])('after %j', (text, kind, typed) => expect(stepAt(text, fields)).toMatchObject({ kind, typed }));
  it('finds fields by name, alias and description', () => {
    expect(matchFields(fields, 'lat').map((f) => f.name)).toEqual(['latency_us']);
    expect(matchFields(fields, 'asked').map((f) => f.name)).toEqual(['qname']);
  });
});

describe('cells', () => {
  it('have a text and a filter for every column', () => {
    for (const column of COLUMNS) {
      expect(typeof cellText(row, column.field, 'utc', false)).toBe('string');
      filterOf(row, column);
    }
    expect(cellText({ ...row, comm: '\u202Eexe' }, 'comm', 'utc', false)).toBe('‹U+202E›exe');
    expect(filterOf(row, COLUMNS.find((c) => c.field === 'latency_us') ?? { field: '', width: 0 })).toEqual({ field: 'latency_us', value: '1300us' });
    expect(filterOf(row, { field: 'unit', width: 0 })).toEqual({ field: 'unit', value: null });
  });
  it('cannot become formulas', () => {
    expect(csvRow({ ...row, qname: '=cmd|x' }, ['qname', 'latency_us'])).toBe("'=cmd|x,1300\r\n");
  });
});

describe('explanations', () => {
  it('say what happened', () => {
    expect(explain(row)).toBe('curl (process 7) asked 127.0.0.53 for the A records of www.example.com over UDP. After 1.3 ms came one record.');
    expect(explain({ ...row, outcome: 'timeout', retransmits: 2 })).toContain('No answer came, though it was asked 3 times.');
    expect(explain({ ...row, rcode: 'NXDOMAIN', answers: [] })).toContain('the name does not exist');
    expect(explain({ ...row, outcome: 'dropped', drop_reason: 'NETFILTER_DROP', drop_location: 'nf_hook' })).toContain('NETFILTER_DROP at nf_hook');
  });
  it('judge the whole', () => {
    expect(verdict({ count: 0 }).grade).toBe('none');
    expect(verdict({ count: 9, error_share: 0, p50: 900, p99: 9000 }).grade).toBe('good');
    expect(verdict({ count: 9, error_share: 0.02, unanswered_share: 0.02 })).toEqual({ grade: 'warn', text: '2 % of the queries get no answer.' });
    expect(verdict({ count: 9, error_share: 0.2, unanswered_share: 0 }).grade).toBe('bad');
    expect(verdict({ count: 9, error_share: 0, p50: 200_000, p99: 1e6 }).grade).toBe('warn');
  });
});

const pair = (a: string | null, b: string | null, count: number): Group => ({ key: [a, b], count, error_share: 0 });

describe('keys of rows', () => {
  it('lead back to the row', () => {
    expect(requestFor(rowKey(row))).toEqual({ path: 'transaction/1', params: {} });
    const { seq: _, ...live } = { ...row, id: 77 };
    const request = requestFor(rowKey({ ...live, seq: 0 }));
    expect(request?.params).toMatchObject({ from: row.time, until: '2026-11-24T05:06:07.125Z', filter: 'client_port=40000 id=77' });
    expect(requestFor('x')).toBeNull();
  });
});

describe('topology', () => {
  const pairs = {
    group: 'comm', asked: [pair('curl', '127.0.0.53', 10), pair('unbound', '192.0.2.1', 5), pair('curl', '192.0.2.9', 1)],
    processes: [pair('127.0.0.53', 'unbound', 10), pair('192.0.2.1', null, 5)], groups: [],
  };
  it('joins a resolver that asks with the server that answers', () => {
    const g = buildGraph(pairs);
    expect(g.nodes.map((n) => [n.id, n.level]).sort()).toEqual([['g:curl', 0], ['g:unbound', 1], ['s:192.0.2.1', 2], ['s:192.0.2.9', 2]]);
    expect(g.nodes.find((n) => n.id === 'g:unbound')?.also).toEqual(['127.0.0.53']);
    expect(g.edges).toHaveLength(3);
  });
  it('folds what is not busy', () => {
    const many = { ...pairs, asked: Array.from({ length: 600 }, (_, i) => pair(`p${i}`, '127.0.0.53', 600 - i)) };
    const g = foldGraph(buildGraph(many), 20, (n) => n.label === 'p599');
    expect(g.nodes.filter((n) => n.level === 0)).toHaveLength(22);
    expect(g.nodes.find((n) => n.folded)).toMatchObject({ folded: 579, id: 'f:0' });
    const places = layout(g, 100, 100);
    expect(places.size).toBe(g.nodes.length);
    for (const p of places.values()) expect(p.x >= 0 && p.x <= 100 && p.y >= 0 && p.y <= 100).toBe(true);
  });
});

describe('small parts', () => {
  it('go through a heat map by its cells', () => {
    const cells: [number, number, number][] = [[0, 1, 5], [0, 4, 1], [2, 3, 1]];
    expect(moveInHeat(cells, -1, 'ArrowRight')).toBe(0);
    expect(moveInHeat(cells, 0, 'ArrowUp')).toBe(1);
    expect(moveInHeat(cells, 1, 'ArrowRight')).toBe(2);
    expect(moveInHeat(cells, 2, 'ArrowLeft')).toBe(1);
    expect(moveInHeat(cells, 2, 'ArrowUp')).toBe(2);
  });
  it('close the gaps of a histogram', () => {
    const h = { from: '', until: '', step_seconds: 1, start: '', buckets: [{ low_us: 10, high_us: 13, counts: [1] }, { low_us: 100, high_us: 133, counts: [2] }] };
    const even = evenBuckets(h).buckets;
    expect(even.length).toBeGreaterThan(5);
    even.slice(1).forEach((b, i) => expect(b.low_us).toBe(even[i]?.high_us));
  });
  it('move items', () => {
    expect(moved(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b']);
  });
});

describe('what is complete', () => {
  const range = { fromMs: Date.parse('2026-11-24T10:00:00Z'), untilMs: Date.parse('2026-11-24T11:00:00Z') };
  const losses = { from: '', until: '', known_from: '2026-11-20T00:00:00Z', lost: [], away: [] };
  it('is what nothing is missing of', () => {
    expect(completeness(losses, 0, range)).toEqual({ lost: 0, unseen: 0, awaySeconds: 0, knownFromMs: undefined, good: true });
    expect(completeness(undefined, 0, range).good).toBe(true);
    expect(completeness(losses, 3, range).good).toBe(false);
  });
  it('is not what was lost, or happened without an agent', () => {
    const when = { first: '2026-11-24T10:20:00Z', last: '2026-11-24T10:21:00Z' };
    const lost = [{ stage: 'ring', reason: 'full', count: 4, ...when }, { stage: 'store', reason: 'queue_full', count: 2, ...when }];
    expect(completeness({ ...losses, lost }, 0, range)).toMatchObject({ lost: 6, good: false });
    const away = [{ from: '2026-11-24T09:00:00Z', until: '2026-11-24T10:05:00Z' }];
    expect(completeness({ ...losses, away }, 0, range)).toMatchObject({ awaySeconds: 300, good: false });
  });
  it('counts nothing of a range that was looked at before', () => {
    const lost = [{ stage: 'ring', reason: 'full', count: 1, first: '2026-11-24T08:20:00Z', last: '2026-11-24T08:21:00Z' }];
    expect(completeness({ ...losses, lost }, 0, range)).toMatchObject({ lost: 0, good: true });
    const iso = (ms: number): string => new Date(ms).toISOString();
    expect(isAbout(range, { from: iso(range.fromMs - 30e3), until: iso(range.untilMs - 30e3) })).toBe(true);
    expect(isAbout(range, { from: iso(range.fromMs - 36e5), until: iso(range.untilMs) })).toBe(false);
  });
  it('is known from the start of the ledger', () => {
    expect(completeness({ ...losses, known_from: '2026-11-24T10:30:00Z' }, 0, range).knownFromMs).toBe(Date.parse('2026-11-24T10:30:00Z'));
    expect(completeness({ ...losses, known_from: '2026-11-24T10:00:20Z' }, 0, range).knownFromMs).toBeUndefined();
  });
});

describe('the quick filter "by me"', () => {
  const mine = (you: Parameters<typeof quickFilters>[0]): string | undefined => quickFilters(you).find((q) => q.id === 'me')?.term;
  it('asks for the user on this host, for the address elsewhere', () => {
    expect(mine({ address: '127.0.0.1', uid: 1000, user: 'alice' })).toBe('uid=1000');
    expect(mine({ address: '127.0.0.1', uid: 0, user: null })).toBe('uid=0');
    expect(mine({ address: '192.0.2.7', uid: null, user: null })).toBe('client=192.0.2.7');
  });
  it('is not there when nobody knows', () => {
    expect(mine(undefined)).toBeUndefined();
    expect(mine({ address: '127.0.0.1', uid: null, user: null })).toBeUndefined();
    expect(mine({ address: null, uid: null, user: null })).toBeUndefined();
  });
});
