// SPDX-License-Identifier: Apache-2.0
// All of what is shown is in the address, so that a link shows the same thing. This is the only
// place that knows how.

export const VIEWS = ['overview', 'traffic', 'topology'] as const;
export type ViewName = (typeof VIEWS)[number];

export const REFRESHES = ['off', 'live', '5s', '15s', '30s', '1m', '5m', '15m'] as const;
export type Refresh = (typeof REFRESHES)[number];

export const CHART_KINDS = ['lines', 'stack', 'columns', 'bars', 'donut', 'table'] as const;
export type ChartKind = (typeof CHART_KINDS)[number];

export const DENSITIES = ['compact', 'normal', 'roomy'] as const;
export type Density = (typeof DENSITIES)[number];

export const COLORINGS = ['error_share', 'unanswered_share', 'p50', 'p90', 'p99'] as const;
export type Coloring = (typeof COLORINGS)[number];

/** A panel of the overview and what was chosen for it; absent: the panel's own default. */
export interface PanelChoice {
  id: string;
  kind?: ChartKind;
  top?: number;
}

export interface ColumnChoice {
  field: string;
  width?: number;
}

export interface ViewState {
  view: ViewName;
  from: string;
  until: string;
  filter: string;
  /** Terms that were switched off: shown as chips, not applied. */
  off: string[];
  refresh: Refresh;
  zone: 'local' | 'utc';
  /** null: the default ones. */
  panels: PanelChoice[] | null;
  /** The panel that fills the screen. */
  full: string;
  /** What latencies are grouped by. */
  by: string;
  columns: ColumnChoice[] | null;
  order: string;
  density: Density;
  histogram: boolean;
  /** The transaction in the side panel (traffic/row_key.ts). */
  row: string;
  tab: 'details' | 'raw';
  group: string;
  coloring: Coloring;
  /** A node of the topology; with `to`, the edge between them. */
  node: string;
  to: string;
  /** What is searched for in the topology. */
  find: string;
  /** How many nodes a side of the topology shows before the rest is folded. */
  nodes: number;
}

export const DEFAULTS: ViewState = {
  view: 'overview', from: '-15m', until: 'now', filter: '', off: [], refresh: '30s', zone: 'local',
  panels: null, full: '', by: 'server', columns: null, order: '-time', density: 'normal',
  histogram: true, row: '', tab: 'details', group: 'comm', coloring: 'error_share', node: '', to: '', find: '',
  nodes: 40,
};

function oneOf<T extends string>(list: readonly T[], text: string | null, otherwise: T): T {
  return list.find((each) => each === text) ?? otherwise;
}

function numberOf(text: string | null | undefined, least: number, most: number): number | undefined {
  if (!text || !/^\d+$/.test(text)) return undefined;
  return Math.min(Math.max(Number(text), least), most);
}

function panelsOf(text: string | null): PanelChoice[] | null {
  if (text === null) return null;
  return text.split(',').filter(Boolean).map((item) => {
    const [id = '', kind, top] = item.split(':');
    const choice: PanelChoice = { id };
    const known = CHART_KINDS.find((each) => each === kind);
    if (known) choice.kind = known;
    const number = numberOf(top, 1, 100);
    if (number) choice.top = number;
    return choice;
  });
}

function columnsOf(text: string | null): ColumnChoice[] | null {
  if (text === null) return null;
  return text.split(',').filter(Boolean).map((item) => {
    const [field = '', width] = item.split(':');
    const number = numberOf(width, 40, 1200);
    return number ? { field, width: number } : { field };
  });
}

export function parseState(search: string): ViewState {
  const q = new URLSearchParams(search);
  const text = (name: (typeof TEXTS)[number]): string => q.get(name) ?? String(DEFAULTS[name]);
  return {
    view: oneOf(VIEWS, q.get('view'), DEFAULTS.view),
    from: text('from'),
    until: text('until'),
    filter: text('filter'),
    off: q.getAll('off'),
    refresh: oneOf(REFRESHES, q.get('refresh'), DEFAULTS.refresh),
    zone: oneOf(['local', 'utc'], q.get('zone'), DEFAULTS.zone),
    panels: panelsOf(q.get('panels')),
    full: text('full'),
    by: text('by'),
    columns: columnsOf(q.get('columns')),
    order: text('order'),
    density: oneOf(DENSITIES, q.get('density'), DEFAULTS.density),
    histogram: q.get('histogram') !== 'off',
    row: /^(\d+|\d{4}-[\d:.TZ-]+_\d+_\d*)$/.test(q.get('row') ?? '') ? text('row') : '',
    tab: oneOf(['details', 'raw'], q.get('tab'), DEFAULTS.tab),
    group: text('group'),
    coloring: oneOf(COLORINGS, q.get('coloring'), DEFAULTS.coloring),
    node: text('node'),
    to: text('to'),
    find: text('find'),
    nodes: numberOf(q.get('nodes'), 10, 500) ?? DEFAULTS.nodes,
  };
}

function panelText(p: PanelChoice): string {
  if (p.top) return `${p.id}:${p.kind ?? ''}:${p.top}`;
  return p.kind ? `${p.id}:${p.kind}` : p.id;
}

const TEXTS = [
  'view', 'from', 'until', 'filter', 'refresh', 'zone', 'full', 'by', 'order', 'density', 'row',
  'tab', 'group', 'coloring', 'node', 'to', 'find', 'nodes',
] as const;

/** The query of the address, "?..." or "": only what differs from the defaults. */
export function formatState(state: ViewState): string {
  const q = new URLSearchParams();
  for (const name of TEXTS) {
    if (state[name] !== DEFAULTS[name]) q.set(name, String(state[name]));
  }
  for (const term of state.off) q.append('off', term);
  if (state.panels) q.set('panels', state.panels.map(panelText).join(','));
  if (state.columns) {
    q.set('columns', state.columns.map((c) => (c.width ? `${c.field}:${c.width}` : c.field)).join(','));
  }
  if (!state.histogram) q.set('histogram', 'off');
  const text = q.toString().replaceAll('%2C', ',').replaceAll('%3A', ':');
  return text ? `?${text}` : '';
}
