// SPDX-License-Identifier: Apache-2.0
import { useEffect, useMemo, useRef, useState } from 'react';
import { Chart } from '../charts/chart';
import type { Arrow, ChartClick, ChartKeys } from '../charts/echart';
import { useSession } from '../frame/session';
import { formatCount, formatShare } from '../lib/format';
import { seconds } from '../lib/range';
import { texts } from '../texts';
import { useView } from '../url/use_view';
import { layout, type Edge, type Graph, type Place } from './graph';
import { graphOption, margin, nodeText } from './graph_option';

export const NODES = [20, 40, 100, 250, 500];

function useSize() {
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 1000, height: 600 });
  useEffect(() => {
    const node = box.current;
    if (!node) return undefined;
    const watch = new ResizeObserver(() => setSize({ width: node.clientWidth, height: node.clientHeight }));
    watch.observe(node);
    return () => watch.disconnect();
  }, []);
  return { box, ...size };
}

/** The nearest node in the direction of the arrow; sideways, at the nearest height. */
export function nextNode(graph: Graph, places: Map<string, Place>, from: number, arrow: Arrow): number {
  const at = places.get(graph.nodes[from]?.id ?? '');
  if (!at) return graph.nodes.length > 0 ? 0 : -1;
  const across = arrow === 'ArrowLeft' || arrow === 'ArrowRight';
  const sign = arrow === 'ArrowRight' || arrow === 'ArrowDown' ? 1 : -1;
  let best = from;
  let least = Infinity;
  graph.nodes.forEach((n, i) => {
    const p = places.get(n.id);
    if (!p) return;
    const ahead = sign * (across ? p.x - at.x : p.y - at.y);
    if (ahead <= 0.5 || (!across && Math.abs(p.x - at.x) > 0.5)) return;
    const cost = across ? ahead * 10 + Math.abs(p.y - at.y) : ahead;
    if (cost < least) [best, least] = [i, cost];
  });
  return best;
}

export function Picture({ graph, search }: { graph: Graph; search: string }) {
  const [view, change] = useView();
  const { range, theme } = useSession();
  const { box, width, height } = useSize();
  const places = useMemo(() => layout(graph, width - 2 * margin(width), Math.max(height - 48, 100)), [graph, width, height]);
  const option = useMemo(
    () => graphOption({ graph, places, width, perSecond: seconds(range), coloring: view.coloring, theme, selected: view.node, to: view.to, search }),
    [graph, places, width, range, theme, view.coloring, view.node, view.to, search],
  );
  const unfold = (): void => change({ nodes: NODES.find((n) => n > view.nodes) ?? 500 });
  const openNode = (id: string): void => (id.startsWith('f:') ? unfold() : change({ node: id, to: '' }));
  const openEdge = (edge: Edge): void => {
    if (edge.from.startsWith('f:') || edge.to.startsWith('f:')) unfold();
    else change({ node: edge.from, to: edge.to });
  };
  const click = (c: ChartClick): void => {
    const { edge } = (c.data ?? {}) as { edge?: Edge };
    if (edge) openEdge(edge);
    else if (c.dataType === 'node') openNode(c.name);
  };
  const keys: ChartKeys = {
    move: (from, arrow) => nextNode(graph, places, from, arrow),
    text: (item) => {
      const n = graph.nodes[item];
      if (!n) return '';
      const worst = graph.edges.filter((e) => e.from === n.id || e.to === n.id).reduce((most, e) => Math.max(most, e.figures.error_share ?? 0), 0);
      return `${nodeText(n)}: ${formatCount(n.count)}, ${texts.errorsOf(formatShare(worst))}`;
    },
    enter: (item) => openNode(graph.nodes[item]?.id ?? ''),
  };
  return (
    <div ref={box} className="nf-topology__picture">
      <Chart option={option} label={texts.topology.label(graph.nodes.length, graph.edges.length)} click={click} keys={keys} />
    </div>
  );
}
