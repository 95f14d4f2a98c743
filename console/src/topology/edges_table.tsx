// SPDX-License-Identifier: Apache-2.0
// The graph as a table, with the same ways on from it.
import { formatMetric } from '../overview/values';
import { texts } from '../texts';
import { useView } from '../url/use_view';
import type { Graph } from './graph';
import { nodeText } from './graph_option';

const METRICS = ['error_share', 'unanswered_share', 'p50', 'p90', 'p99'] as const;

export function EdgesTable({ graph }: { graph: Graph }) {
  const [, change] = useView();
  const names = new Map(graph.nodes.map((n) => [n.id, nodeText(n)]));
  const edges = [...graph.edges].sort((a, b) => b.count - a.count);
  return (
    <div className="nf-scroll" tabIndex={0} role="region" aria-label={texts.topology.table}>
      <table className="nf-table">
        <thead>
          <tr>
            <th scope="col">{texts.topology.edge}</th>
            <th scope="col" className="nf-num">{texts.metrics.count}</th>
            {METRICS.map((m) => <th key={m} scope="col" className="nf-num">{texts.metrics[m]}</th>)}
          </tr>
        </thead>
        <tbody>
          {edges.map((e) => {
            const text = `${names.get(e.from) ?? ''} → ${names.get(e.to) ?? ''}`;
            const folded = e.from.startsWith('f:') || e.to.startsWith('f:');
            return (
              <tr key={`${e.from} ${e.to}`}>
                <th scope="row" title={text}>
                  {folded
                    ? <span className="nf-cut">{text}</span>
                    : <button type="button" className="nf-link nf-cut" onClick={() => change({ node: e.from, to: e.to })}>{text}</button>}
                </th>
                <td className="nf-num">{formatMetric('count', e.count)}</td>
                {METRICS.map((m) => <td key={m} className="nf-num">{formatMetric(m, e.figures[m] ?? null)}</td>)}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
