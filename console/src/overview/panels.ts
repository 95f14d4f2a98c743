// SPDX-License-Identifier: Apache-2.0
// The panels there are, and what each shows. Those of the default set answer "is DNS all right?".
import type { Metric } from '../api/types';
import { texts } from '../texts';
import type { ChartKind, PanelChoice } from '../url/state';

export interface GroupPanel {
  type: 'groups';
  /** null: what is chosen for latencies. */
  by: string | null;
  metric: Metric;
  /** Further terms, beside the filter. */
  filter?: string;
  /** A line for all together. */
  overall?: boolean;
  ascending?: boolean;
}

export interface OtherPanel {
  type: 'heat' | 'servers';
}

export interface Panel {
  id: string;
  title: string;
  help: string;
  kinds: readonly ChartKind[];
  kind: ChartKind;
  top: number;
  span: 3 | 4 | 6 | 8 | 12;
  shown: boolean;
  what: GroupPanel | OtherPanel;
}

export const TOPS = [5, 10, 15, 25];
const GROUP_KINDS = ['bars', 'lines', 'stack', 'columns', 'donut', 'table'] as const;
const LATENCY_KINDS = ['lines', 'bars', 'table'] as const;

const named = (id: string): { title: string; help: string } => texts.panels[id] ?? { title: id, help: '' };

const top = (id: string, by: string, shown: boolean): Panel => ({
  id, ...named(id), kinds: GROUP_KINDS, kind: 'bars', top: 10, span: 4, shown,
  what: { type: 'groups', by, metric: 'count' },
});

const latency = (id: string, metric: Metric, shown: boolean): Panel => ({
  id, ...named(id), kinds: LATENCY_KINDS, kind: 'lines', top: 5, span: 6, shown,
  what: { type: 'groups', by: null, metric, overall: true, ascending: metric === 'min' },
});

const rate = (id: string, by: string, kind: ChartKind, shown: boolean, more: Partial<GroupPanel> = {}): Panel => ({
  id, ...named(id), kinds: GROUP_KINDS, kind, top: 10, span: 4, shown,
  what: { type: 'groups', by, metric: 'count', ...more },
});

export const PANELS: readonly Panel[] = [
  rate('rate_outcome', 'outcome', 'stack', true),
  rate('rcodes_total', 'rcode', 'columns', true, { overall: true }),
  { id: 'heat', ...named('heat'), kinds: [], kind: 'table', top: 10, span: 4, shown: true, what: { type: 'heat' } },
  { id: 'servers', ...named('servers'), kinds: [], kind: 'table', top: 5, span: 6, shown: true, what: { type: 'servers' } },
  latency('p99', 'p99', true),
  top('names', 'qname', true),
  top('domains', 'domain', false),
  top('processes', 'comm', true),
  rate('rcodes', 'rcode', 'donut', true),
  latency('p50', 'p50', false),
  latency('p90', 'p90', false),
  latency('average', 'average', false),
  latency('max', 'max', false),
  latency('min', 'min', false),
  top('clients', 'client', false),
  top('top_servers', 'server', false),
  top('types', 'qtype', true),
  rate('failing', 'qname', 'bars', true, { filter: 'rcode!=NOERROR,NXDOMAIN' }),
  rate('retransmissions', 'server', 'stack', true, { filter: 'retransmits>0', overall: true }),
  top('units', 'unit', false),
  top('containers', 'container_id', false),
  top('transports', 'transport', false),
  rate('suffixes', 'suffix', 'bars', false, { filter: 'rcode=NXDOMAIN' }),
  rate('missing_domains', 'domain', 'bars', false, { filter: 'rcode=NXDOMAIN' }),
];

export const panelOf = (id: string): Panel | undefined => PANELS.find((p) => p.id === id);

export const DEFAULT_PANELS: PanelChoice[] = PANELS.filter((p) => p.shown).map((p) => ({ id: p.id }));

/** What latencies can be told apart by, where the records have it. */
export const LATENCY_BY = ['server', 'client', 'comm', 'qname', 'domain', 'qtype', 'unit', 'container_id', 'transport', 'interface', 'pod', 'namespace', 'workload', 'node'];
