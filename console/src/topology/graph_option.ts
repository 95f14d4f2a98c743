// SPDX-License-Identifier: Apache-2.0
import type { EChartsCoreOption } from 'echarts/core';
import { FONT, ink } from '../charts/colors';
import { tip } from '../charts/tip';
import { formatCount, formatLatency, formatRate, formatShare } from '../lib/format';
import { latencyColor, neutralColor, plainColor, shareColor, type Theme } from '../lib/palette';
import { shorten, visible } from '../lib/visible';
import { texts } from '../texts';
import type { Coloring } from '../url/state';
import type { Edge, Graph, Node, Place } from './graph';

export interface Drawing {
  graph: Graph;
  places: Map<string, Place>;
  width: number;
  perSecond: number;
  coloring: Coloring;
  theme: Theme;
  selected: string;
  /** With `selected`, the edge that is open. */
  to: string;
  search: string;
}

export function nodeText(n: Node): string {
  if (n.folded !== undefined) return texts.topology.folded(n.folded);
  const name = n.label === null ? texts.absentOf(texts.field(n.field)) : visible(n.label);
  if (n.process) return `${name} (${visible(n.process)})`;
  return n.also.length > 0 ? `${name} (${n.also.slice(0, 2).map(visible).join(', ')}${n.also.length > 2 ? ', …' : ''})` : name;
}

export function matches(n: Node, search: string): boolean {
  return search !== '' && nodeText(n).toLowerCase().includes(search.toLowerCase());
}

export function edgeColor(e: Edge, coloring: Coloring, theme: Theme): string {
  return coloring.endsWith('share') ? shareColor(e.figures[coloring], theme) : latencyColor(e.figures[coloring], theme);
}

const POSITION = ['left', 'top', 'right'] as const;
const LABEL_SHARE = 0.2;
const LABEL_LEAST = 92;

/** Room for labels on either side. */
export const margin = (width: number): number => Math.max(width * LABEL_SHARE, LABEL_LEAST);

function tooltipOf(d: Drawing, byId: Map<string, Node>) {
  return (raw: unknown): HTMLElement => {
    const p = raw as { dataType: string; data: { id?: string; edge?: Edge }; color: string };
    if (p.data.edge) {
      const e = p.data.edge;
      const name = (id: string): string => nodeText(byId.get(id) ?? { id, label: id, also: [], field: '', value: null, level: 0, count: 0 });
      return tip(`${name(e.from)} → ${name(e.to)}`, [
        { name: texts.servers.rate, value: formatRate(e.count / d.perSecond) },
        { name: texts.metrics.error_share, value: formatShare(e.figures.error_share) },
        { name: texts.metrics.unanswered_share, value: formatShare(e.figures.unanswered_share) },
        { name: 'P50', value: formatLatency(e.figures.p50) }, { name: 'P90', value: formatLatency(e.figures.p90) },
        { name: 'P99', value: formatLatency(e.figures.p99) },
      ]);
    }
    const n = byId.get(p.data.id ?? '');
    return tip(n ? nodeText(n) : '', [{ name: texts.metrics.count, value: formatCount(n?.count) }, { name: texts.servers.rate, value: formatRate((n?.count ?? 0) / d.perSecond) }]);
  };
}

export function graphOption(d: Drawing): EChartsCoreOption {
  const colors = ink(d.theme);
  const byId = new Map(d.graph.nodes.map((n) => [n.id, n]));
  const mostNode = Math.max(...d.graph.nodes.map((n) => n.count), 1);
  const mostEdge = Math.max(...d.graph.edges.map((e) => e.count), 1);
  const near = new Set<string>(d.selected ? [d.selected] : []);
  if (d.to) near.add(d.to);
  else for (const e of d.graph.edges) {
    if (e.from === d.selected) near.add(e.to);
    if (e.to === d.selected) near.add(e.from);
  }
  const isDim = (n: Node): boolean => (d.search ? !matches(n, d.search) : near.size > 0 && !near.has(n.id));
  const dim = new Set(d.graph.nodes.filter(isDim).map((n) => n.id));
  const levels = new Set(d.graph.nodes.map((n) => n.level)).size;
  // Hundreds of edges would become one surface.
  const crowd = Math.min(1, 40 / Math.max(d.graph.edges.length, 1));
  return {
    animation: false,
    textStyle: { fontFamily: FONT },
    tooltip: { trigger: 'item', appendTo: 'body', className: 'nf-tooltip', transitionDuration: 0, formatter: tooltipOf(d, byId) },
    series: [
      {
        type: 'graph', layout: 'none', roam: true, scaleLimit: { min: 0.5, max: 12 }, labelLayout: { hideOverlap: true },
        left: margin(d.width), right: margin(d.width), top: 28, bottom: 20, preserveAspect: false,
        edgeSymbol: ['none', 'arrow'], edgeSymbolSize: 7, cursor: 'pointer',
        emphasis: { focus: 'adjacency', lineStyle: { width: 4 } },
        data: d.graph.nodes.map((n) => {
          const at = d.places.get(n.id);
          return {
            id: n.id, name: n.id, x: at?.x ?? 0, y: at?.y ?? 0,
            symbolSize: 4 + 5 * crowd + 23 * Math.sqrt(n.count / mostNode),
            symbol: n.folded === undefined ? (n.level === 0 ? 'circle' : 'roundRect') : 'diamond',
            itemStyle: {
              color: n.folded === undefined ? plainColor(d.theme) : neutralColor(d.theme), opacity: dim.has(n.id) ? 0.25 : 1,
              borderColor: n.id === d.selected ? colors.text : colors.paper, borderWidth: n.id === d.selected ? 3 : 1,
            },
            label: {
              show: true, position: POSITION[levels === 1 ? 1 : n.level], color: colors.text, fontFamily: FONT, fontSize: 12, backgroundColor: n.level === 1 ? colors.paper : 'transparent',
              padding: [2, 3], borderRadius: 3,
              opacity: dim.has(n.id) ? 0.35 : 1, formatter: () => shorten(nodeText(n), n.level === 1 ? 40 : Math.round(margin(d.width) / 7)),
            },
          };
        }),
        links: d.graph.edges.map((e) => ({
          source: e.from, target: e.to, edge: e,
          lineStyle: {
            color: edgeColor(e, d.coloring, d.theme), width: 0.5 + crowd / 2 + (2 + 4 * crowd) * Math.sqrt(e.count / mostEdge), curveness: 0.06,
            opacity: dim.has(e.from) || dim.has(e.to) || (d.to && (e.from !== d.selected || e.to !== d.to)) ? 0.08 : 0.25 + 0.5 * crowd,
          },
        })),
      },
    ],
  };
}
