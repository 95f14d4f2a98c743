// SPDX-License-Identifier: Apache-2.0

const isError = (row) => row.outcome !== 'answered' || !['NOERROR', 'NXDOMAIN'].includes(row.rcode);
const isUnanswered = (row) => row.outcome !== 'answered' && row.outcome !== 'unsolicited';

class Figures {
  constructor() {
    this.count = 0;
    this.errors = 0;
    this.unanswered = 0;
    this.latencies = [];
    this.names = new Set();
  }
  add(row) {
    this.count += 1;
    this.errors += isError(row);
    this.unanswered += isUnanswered(row);
    if (row.latency_us !== undefined) this.latencies.push(row.latency_us);
    this.names.add(row.qname);
  }
  values(metrics, total) {
    const sorted = Float64Array.from(this.latencies).sort();
    const n = sorted.length;
    const at = (q) => (n ? sorted[Math.min(n - 1, Math.floor(q * n))] : null);
    const all = {
      count: this.count, share: total ? this.count / total : null,
      average: n ? sorted.reduce((a, b) => a + b, 0) / n : null, p50: at(0.5), p90: at(0.9), p99: at(0.99),
      max: n ? sorted[n - 1] : null, min: n ? sorted[0] : null,
      error_share: this.count ? this.errors / this.count : null,
      unanswered_share: this.count ? this.unanswered / this.count : null, names: this.names.size,
    };
    return Object.fromEntries(metrics.map((m) => [m, all[m]]));
  }
}

const NICE = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];
export function stepOf(text, spanMs) {
  const m = /^(\d+)(s|m|h|d)$/.exec(text ?? '');
  if (m) return Number(m[1]) * { s: 1, m: 60, h: 3600, d: 86400 }[m[2]];
  return NICE.find((s) => spanMs / 1000 / s <= 120) ?? 86400;
}

const keyOf = (row, by) => by.map((f) => (row[f] === undefined ? null : String(row[f])));

/** Groups in the order asked for, and the figures of all rows and of those not listed. */
export function group(rows, by, metrics, order, limit, least) {
  const groups = new Map();
  const overall = new Figures();
  for (const row of rows) {
    overall.add(row);
    const key = JSON.stringify(keyOf(row, by));
    if (!groups.has(key)) groups.set(key, new Figures());
    groups.get(key).add(row);
  }
  const sign = order.startsWith('-') ? -1 : 1;
  const metric = order.replace('-', '');
  const list = [...groups].filter(([, f]) => f.count >= least).map(([key, f]) => ({
    key: JSON.parse(key), sort: f.values([metric], overall.count)[metric], ...f.values(metrics, overall.count),
  }));
  list.sort((a, b) => (a.sort === null) - (b.sort === null) || sign * (a.sort - b.sort));
  const listed = list.slice(0, limit).map(({ sort: _, ...rest }) => rest);
  return { groups: listed, overall: overall.values(metrics, overall.count), matched: list.length };
}

export function series(rows, by, metrics, limit, order, from, until, step) {
  const top = group(rows, by, metrics, order, limit, 0);
  const start = Math.floor(from / 1000 / step) * step * 1000;
  const steps = Math.ceil((until - start) / 1000 / step);
  const empty = () => Array.from({ length: steps }, () => new Figures());
  const wanted = new Map(top.groups.map((g) => [JSON.stringify(g.key), empty()]));
  const overall = empty();
  const others = empty();
  for (const row of rows) {
    const i = Math.floor((row.ms - start) / 1000 / step);
    overall[i]?.add(row);
    (wanted.get(JSON.stringify(keyOf(row, by))) ?? others)[i]?.add(row);
  }
  const flat = (list) => {
    const values = list.map((f) => f.values(metrics, f.count));
    return Object.fromEntries(metrics.map((m) => [m, values.map((v) => v[m])]));
  };
  return {
    step_seconds: step, start: new Date(start).toISOString(), matched: top.matched,
    groups: [...wanted].map(([key, list]) => ({ key: JSON.parse(key), ...flat(list) })),
    overall: flat(overall), others: flat(others),
  };
}

export function histogram(rows, from, until, step) {
  const start = Math.floor(from / 1000 / step) * step * 1000;
  const steps = Math.ceil((until - start) / 1000 / step);
  const buckets = new Map();
  for (const row of rows) {
    if (row.latency_us === undefined) continue;
    const b = Math.floor(Math.log10(Math.max(row.latency_us, 1)) * 8);
    if (!buckets.has(b)) buckets.set(b, new Array(steps).fill(0));
    buckets.get(b)[Math.floor((row.ms - start) / 1000 / step)] += 1;
  }
  const edge = (b) => Math.round(10 ** (b / 8));
  return {
    step_seconds: step, start: new Date(start).toISOString(),
    buckets: [...buckets].sort((a, b) => a[0] - b[0]).map(([b, counts]) => ({ low_us: edge(b), high_us: edge(b + 1), counts })),
  };
}
