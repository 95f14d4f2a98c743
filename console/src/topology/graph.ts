// SPDX-License-Identifier: Apache-2.0
// Who asks whom: from counted pairs to nodes and edges in three columns, clients on the left, what
// both asks and answers (a resolver of this host) in the middle, servers on the right.
import type { Figures, Group } from '../api/types';

export interface Node {
  id: string;
  label: string | null;
  /** Addresses under which a resolver of this host is asked. */
  also: string[];
  /** The process that answers there, when it is on this host. */
  process?: string;
  field: string;
  value: string | null;
  level: 0 | 1 | 2;
  count: number;
  /** How many nodes it stands for, when it is the rest of its column. */
  folded?: number;
}

export interface Edge {
  from: string;
  to: string;
  figures: Figures;
  count: number;
}

export interface Graph {
  nodes: Node[];
  edges: Edge[];
  /** Of each column, before folding. */
  total: [number, number, number];
}

export interface Pairs {
  group: string;
  /** By (group, server). */
  asked: readonly Group[];
  /** By (server, server_comm). */
  processes: readonly Group[];
  /** By (comm, group): which group a process is in; not needed when the group is comm. */
  groups: readonly Group[];
}

/** For each server address the key of the group that its process is in. */
function groupOfServer(p: Pairs): Map<string, string> {
  const byProcess = new Map<string, string>();
  for (const g of p.groups) {
    const [comm, key] = g.key;
    if (comm && key && !byProcess.has(comm)) byProcess.set(comm, key);
  }
  const result = new Map<string, string>();
  for (const g of p.processes) {
    const [server, comm] = g.key;
    if (!server || !comm) continue;
    const key = p.group === 'comm' ? comm : byProcess.get(comm);
    if (key) result.set(server, key);
  }
  return result;
}

function addFigures(into: Edge, figures: Figures): void {
  const [a, b] = [into.count, figures.count ?? 0];
  const mean = (x: number | null | undefined, y: number | null | undefined): number | null => {
    if (x === null || x === undefined) return y ?? null;
    if (y === null || y === undefined) return x;
    return a + b > 0 ? (x * a + y * b) / (a + b) : x;
  };
  const f = into.figures;
  into.figures = {
    error_share: mean(f.error_share, figures.error_share),
    unanswered_share: mean(f.unanswered_share, figures.unanswered_share),
    p50: mean(f.p50, figures.p50),
    // Of several, the worst: a mean of percentiles says nothing about the slow ones.
    p90: Math.max(f.p90 ?? 0, figures.p90 ?? 0) || null,
    p99: Math.max(f.p99 ?? 0, figures.p99 ?? 0) || null,
  };
  into.count += b;
}

export function buildGraph(p: Pairs): Graph {
  const isLocal = groupOfServer(p);
  const processOf = new Map(p.processes.map((g) => [g.key[0] ?? '', g.key[1] ?? undefined]));
  const askers = new Set(p.asked.map((g) => g.key[0] ?? null));
  const nodes = new Map<string, Node>();
  const edges = new Map<string, Edge>();
  const node = (id: string, field: string, value: string | null): Node => {
    let n = nodes.get(id);
    if (!n) {
      n = { id, label: value, also: [], field, value, level: 0, count: 0 };
      nodes.set(id, n);
    }
    return n;
  };
  const asks = new Set<string>();
  const answers = new Set<string>();
  for (const g of p.asked) {
    const [key = null, server = null] = g.key;
    const local = server === null ? undefined : isLocal.get(server);
    const from = node(`g:${key ?? ''}`, p.group, key);
    const merged = local !== undefined && askers.has(local) ? local : undefined;
    const to = merged === undefined ? node(`s:${server ?? ''}`, 'server', server) : node(`g:${merged}`, p.group, merged);
    const process = server === null ? undefined : processOf.get(server);
    if (merged === undefined && process) to.process = process;
    if (merged !== undefined && server !== null && !to.also.includes(server)) to.also.push(server);
    asks.add(from.id);
    answers.add(to.id);
    from.count += g.count ?? 0;
    if (to !== from) to.count += g.count ?? 0;
    const id = `${from.id} ${to.id}`;
    const edge = edges.get(id);
    if (edge) addFigures(edge, g);
    else edges.set(id, { from: from.id, to: to.id, figures: { ...g }, count: g.count ?? 0 });
  }
  for (const n of nodes.values()) n.level = asks.has(n.id) ? (answers.has(n.id) ? 1 : 0) : 2;
  const list = [...nodes.values()].sort((a, b) => b.count - a.count);
  const of = (level: number): number => list.filter((n) => n.level === level).length;
  return { nodes: list, edges: [...edges.values()].filter((e) => e.from !== e.to), total: [of(0), of(1), of(2)] };
}

/** At most `most` nodes a column: the busiest and those `kept`; the rest becomes one node. */
export function foldGraph(graph: Graph, most: number, kept: (n: Node) => boolean): Graph {
  const shown: Node[] = [];
  const into = new Map<string, string>();
  for (const level of [0, 1, 2] as const) {
    const column = graph.nodes.filter((n) => n.level === level);
    const stay = column.filter((n, i) => i < most || kept(n));
    const rest = column.filter((n) => !stay.includes(n));
    shown.push(...stay);
    if (rest.length === 0) continue;
    const id = `f:${level}`;
    for (const n of rest) into.set(n.id, id);
    shown.push({
      id, label: null, also: [], field: rest[0]?.field ?? '', value: null, level,
      count: rest.reduce((sum, n) => sum + n.count, 0), folded: rest.length,
    });
  }
  const edges = new Map<string, Edge>();
  for (const e of graph.edges) {
    const from = into.get(e.from) ?? e.from;
    const to = into.get(e.to) ?? e.to;
    const id = `${from} ${to}`;
    const edge = edges.get(id);
    if (edge) addFigures(edge, { ...e.figures, count: e.count });
    else edges.set(id, { from, to, figures: e.figures, count: e.count });
  }
  return { nodes: shown, edges: [...edges.values()], total: graph.total };
}

export interface Place {
  x: number;
  y: number;
}

/** Columns from left to right; in each, nodes near those that they are connected with. */
export function layout(graph: Graph, width: number, height: number): Map<string, Place> {
  const places = new Map<string, Place>();
  const levels = ([0, 1, 2] as const).filter((l) => graph.nodes.some((n) => n.level === l));
  const spread = (column: Node[], x: number): void =>
    column.forEach((n, i) => places.set(n.id, { x, y: (height * (i + 0.5)) / column.length }));
  const xOf = (i: number): number => (levels.length > 1 ? (width * i) / (levels.length - 1) : width / 2);
  const columns = levels.map((l) => graph.nodes.filter((n) => n.level === l));
  columns.forEach((column, i) => spread(column, xOf(i)));
  // A few rounds of the barycentre heuristic are enough to make most crossings go away.
  for (let round = 0; round < 4; round += 1) {
    columns.forEach((column, i) => {
      const weight = (n: Node): number => {
        let sum = 0;
        let total = 0;
        for (const e of graph.edges) {
          const other = e.from === n.id ? e.to : e.to === n.id ? e.from : undefined;
          if (other === undefined) continue;
          const w = Math.sqrt(e.count) || 1;
          sum += w * (places.get(other)?.y ?? height / 2);
          total += w;
        }
        return total > 0 ? sum / total : height / 2;
      };
      const keyed = column.map((n) => ({ n, w: weight(n) })).sort((a, b) => a.w - b.w || b.n.count - a.n.count);
      spread(keyed.map((k) => k.n), xOf(i));
    });
  }
  return places;
}
