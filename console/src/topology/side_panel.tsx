// SPDX-License-Identifier: Apache-2.0
// Beside the graph: a node, or an edge, with its figures, its neighbours and what to do with it.
import { Button } from '@patternfly/react-core';
import TimesIcon from '@patternfly/react-icons/dist/esm/icons/times-icon';
import { useEffect, useRef } from 'react';
import type { Top } from '../api/types';
import { useQuery } from '../api/use_query';
import { useSession } from '../frame/session';
import { Bones } from '../frame/states';
import { joinTerms, quoteValue, splitFilter, termFor, withTerm } from '../lib/filter_text';
import { formatCount, formatLatency, formatRate, formatShare } from '../lib/format';
import { keyColor, plainColor } from '../lib/palette';
import { rangeParams, seconds } from '../lib/range';
import { RankList } from '../overview/rank_list';
import { keyText } from '../overview/values';
import { texts } from '../texts';
import { useView } from '../url/use_view';
import type { Edge, Graph, Node } from './graph';
import { nodeText } from './graph_option';

const t = texts.topology;

/** What a node stands for, in the filter language: it asks, or it is asked under its addresses. */
export function termOf(n: Node): string {
  if (n.also.length === 0) return termFor(n.field, n.value);
  return `(${termFor(n.field, n.value)} or server=${n.also.map(quoteValue).join(',')})`;
}

/** A node as the one that is asked: by its addresses. */
const asked = (n: Node): string => (n.also.length > 0 ? `server=${n.also.map(quoteValue).join(',')}` : termFor('server', n.value));

export const edgeTerm = (from: Node, to: Node): string => joinTerms([termFor(from.field, from.value), asked(to)]);

function Ranks({ by, filter, title }: { by: string; filter: string; title: string }) {
  const { range, theme } = useSession();
  const { data } = useQuery<Top>('top', { ...rangeParams(range), by, metrics: 'count,error_share', limit: 8, filter });
  if (!data) return <Bones lines={4} />;
  const ranks = data.groups.map((g) => ({
    key: g.key[0] ?? null, text: keyText(by, g.key[0] ?? null), value: g.count ?? 0, shown: formatCount(g.count),
    // A code has its colour everywhere, and is an error or not.
    color: by === 'rcode' ? keyColor(by, g.key[0] ?? null, theme) : plainColor(theme), errorShare: by === 'rcode' ? null : g.error_share,
  }));
  return (
    <section className="nf-section">
      <h3>{title}</h3>
      <RankList field={by} ranks={ranks} label={title} />
    </section>
  );
}

/** The other ends of a node's edges: every edge can be reached without a mouse. */
function Neighbours({ title, edges, end, graph }: { title: string; edges: Edge[]; end: 'from' | 'to'; graph: Graph }) {
  const [, change] = useView();
  if (edges.length === 0) return null;
  return (
    <section className="nf-section">
      <h3>{title}</h3>
      <ul className="nf-plain">
        {[...edges].sort((a, b) => b.count - a.count).slice(0, 20).map((e) => {
          const other = graph.nodes.find((n) => n.id === e[end]);
          return (
            <li key={e[end]} className="nf-neighbour">
              <button type="button" className="nf-link nf-cut" onClick={() => change({ node: e.from, to: e.to })}>{other ? nodeText(other) : ''}</button>
              <span className="nf-num nf-dim">{formatCount(e.count)}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

interface Props {
  graph: Graph;
  node: Node;
  /** The edge from `node` to it. */
  to: Node | undefined;
  close: () => void;
}

export function SidePanel({ graph, node, to, close }: Props) {
  const [view, change] = useView();
  const { range } = useSession();
  const heading = useRef<HTMLHeadingElement>(null);
  const term = to ? edgeTerm(node, to) : termOf(node);
  const filter = joinTerms([view.filter, term]);
  const { data } = useQuery<Top>('top', { ...rangeParams(range), by: 'outcome', limit: 10, metrics: 'count,p50,p90,p99,error_share,unanswered_share', filter });
  useEffect(() => heading.current?.focus(), [node.id, to?.id]);
  const f = data?.overall;
  const facts: [string, string][] = [
    [texts.servers.rate, formatRate((f?.count ?? 0) / seconds(range))], [texts.metrics.error_share, formatShare(f?.error_share)],
    [texts.metrics.unanswered_share, formatShare(f?.unanswered_share)], ['P50', formatLatency(f?.p50)],
    ['P90', formatLatency(f?.p90)], ['P99', formatLatency(f?.p99)],
  ];
  const only = splitFilter(term).reduce((result, each) => withTerm(result, each.text), view.filter);
  const title = to ? `${nodeText(node)} → ${nodeText(to)}` : nodeText(node);
  return (
    <aside className="nf-side" aria-label={to ? t.edgeLabel : t.node} onKeyDown={(e) => e.key === 'Escape' && close()}>
      <header className="nf-side__head">
        <h2 ref={heading} tabIndex={-1} title={title}>{title}</h2>
        <Button variant="plain" size="sm" icon={<TimesIcon />} aria-label={texts.close} onClick={close} />
      </header>
      <div className="nf-side__body nf-details">
        <div className="nf-row nf-row--wrap">
          <Button size="sm" onClick={() => change({ filter: only, node: '', to: '' })}>{texts.menu.only}</Button>
          <Button size="sm" variant="secondary" onClick={() => change({ filter: joinTerms([view.filter, `not ${to ? `(${term})` : term}`]), node: '', to: '' })}>{texts.menu.out}</Button>
          <Button size="sm" variant="link" onClick={() => change({ view: 'traffic', filter: only, node: '', to: '' })}>{texts.menu.traffic}</Button>
        </div>
        {to ? (
          <div className="nf-row nf-row--wrap">
            {[node, to].map((n) => <Button key={n.id} size="sm" variant="link" isInline onClick={() => change({ node: n.id, to: '' })}>{nodeText(n)}</Button>)}
          </div>
        ) : null}
        <section className="nf-section">
          <h3>{to ? t.edgeLabel : texts.field(node.field)}</h3>
          <dl className="nf-facts">{facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{f ? value : '…'}</dd></div>)}</dl>
        </section>
        {to ? null : (
          <>
            <Neighbours title={t.asks} edges={graph.edges.filter((e) => e.from === node.id)} end="to" graph={graph} />
            <Neighbours title={t.askedBy} edges={graph.edges.filter((e) => e.to === node.id)} end="from" graph={graph} />
          </>
        )}
        <Ranks by="qname" filter={filter} title={texts.panels['names']?.title ?? ''} />
        <Ranks by="rcode" filter={filter} title={texts.panels['rcodes']?.title ?? ''} />
      </div>
    </aside>
  );
}
