// SPDX-License-Identifier: Apache-2.0
import { Button } from '@patternfly/react-core';
import TimesIcon from '@patternfly/react-icons/dist/esm/icons/times-icon';
import { useEffect, useRef } from 'react';
import type { Top } from '../api/types';
import { useQuery } from '../api/use_query';
import { useSession } from '../frame/session';
import { Bones } from '../frame/states';
import { joinTerms, quoteValue, termFor, withTerm } from '../lib/filter_text';
import { formatCount, formatLatency, formatRate, formatShare } from '../lib/format';
import { plainColor } from '../lib/palette';
import { rangeParams, seconds } from '../lib/range';
import { RankList } from '../overview/rank_list';
import { keyText } from '../overview/values';
import { texts } from '../texts';
import { useView } from '../url/use_view';
import type { Node } from './graph';
import { nodeText } from './graph_option';

/** What a node stands for, in the filter language: it asks, or it is asked under its addresses. */
export function termOf(n: Node): string {
  if (n.also.length === 0) return termFor(n.field, n.value);
  return `(${termFor(n.field, n.value)} or server=${n.also.map(quoteValue).join(',')})`;
}

function Ranks({ by, filter, title }: { by: string; filter: string; title: string }) {
  const { range, theme } = useSession();
  const { data } = useQuery<Top>('top', { ...rangeParams(range), by, metrics: 'count,error_share', limit: 8, filter });
  if (!data) return <Bones lines={4} />;
  const ranks = data.groups.map((g) => ({
    key: g.key[0] ?? null, text: keyText(by, g.key[0] ?? null), value: g.count ?? 0, shown: formatCount(g.count),
    color: plainColor(theme), errorShare: g.error_share,
  }));
  return (
    <section className="nf-section">
      <h3>{title}</h3>
      <RankList field={by} ranks={ranks} label={title} />
    </section>
  );
}

export function NodePanel({ node, close }: { node: Node; close: () => void }) {
  const [view, change] = useView();
  const { range } = useSession();
  const heading = useRef<HTMLHeadingElement>(null);
  const filter = joinTerms([view.filter, termOf(node)]);
  const { data } = useQuery<Top>('top', { ...rangeParams(range), by: 'outcome', limit: 1, metrics: 'count,p50,p90,p99,error_share,unanswered_share', filter });
  useEffect(() => heading.current?.focus(), [node.id]);
  const f = data?.overall;
  const facts: [string, string][] = [
    [texts.servers.rate, formatRate((f?.count ?? 0) / seconds(range))], [texts.metrics.error_share, formatShare(f?.error_share)],
    [texts.metrics.unanswered_share, formatShare(f?.unanswered_share)], ['P50', formatLatency(f?.p50)],
    ['P90', formatLatency(f?.p90)], ['P99', formatLatency(f?.p99)],
  ];
  return (
    <aside className="nf-side" aria-label={texts.topology.node} onKeyDown={(e) => e.key === 'Escape' && close()}>
      <header className="nf-side__head">
        <h2 ref={heading} tabIndex={-1}>{nodeText(node)}</h2>
        <Button variant="plain" size="sm" icon={<TimesIcon />} aria-label={texts.close} onClick={close} />
      </header>
      <div className="nf-side__body nf-details">
        <div className="nf-row">
          <Button size="sm" onClick={() => change({ filter: withTerm(view.filter, termOf(node)), node: '' })}>{texts.menu.only}</Button>
          <Button size="sm" variant="secondary" onClick={() => change({ filter: joinTerms([view.filter, `not ${termOf(node)}`]), node: '' })}>{texts.menu.out}</Button>
          <Button size="sm" variant="link" onClick={() => change({ view: 'traffic', filter: withTerm(view.filter, termOf(node)), node: '' })}>{texts.menu.traffic}</Button>
        </div>
        <section className="nf-section">
          <h3>{texts.field(node.field)}</h3>
          <dl className="nf-facts">{facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{f ? value : '…'}</dd></div>)}</dl>
        </section>
        <Ranks by="qname" filter={filter} title={texts.panels['names']?.title ?? ''} />
        <Ranks by="rcode" filter={filter} title={texts.panels['rcodes']?.title ?? ''} />
      </div>
    </aside>
  );
}
