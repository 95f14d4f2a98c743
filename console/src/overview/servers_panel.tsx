// SPDX-License-Identifier: Apache-2.0
import { useCallback } from 'react';
import type { Group, Top } from '../api/types';
import { useBefore } from '../api/use_outcomes';
import { useQuery } from '../api/use_query';
import { below, useFilterMenu } from '../filter/filter_menu';
import { useSession } from '../frame/session';
import { COMPARE_LEAST, formatChange, formatLatency, formatRate, formatShare } from '../lib/format';
import { rangeParams, seconds } from '../lib/range';
import { visible } from '../lib/visible';
import { texts } from '../texts';
import { useView } from '../url/use_view';
import { useTableExport } from './exports';
import { PanelState } from './panel_state';

const METRICS = 'count,p50,p99,error_share,unanswered_share';
const BAD_SHARE = 0.05;
const WARN_SHARE = 0.01;

const grade = (share: number | null | undefined): string => {
  if ((share ?? 0) >= BAD_SHARE) return 'nf-num nf-bad';
  return (share ?? 0) >= WARN_SHARE ? 'nf-num nf-warn' : 'nf-num';
};

function Row({ now, before, perSecond }: { now: Group; before: Group | undefined; perSecond: number }) {
  const open = useFilterMenu();
  const server = now.key[0] ?? null;
  const text = visible(server ?? texts.none);
  return (
    <tr>
      <th scope="row">
        <button type="button" className="nf-link nf-cut" title={text} onClick={(e) => open({ field: 'server', value: server, ...below(e.currentTarget) })}>{text}</button>
      </th>
      <td className="nf-num">{formatRate((now.count ?? 0) / perSecond)}</td>
      <td className="nf-num nf-dim">{formatChange(now.count, before?.count)}</td>
      <td className="nf-num">{formatLatency(now.p50)}</td>
      <td className="nf-num">{formatLatency(now.p99)}</td>
      <td className="nf-num nf-dim">{(before?.count ?? 0) < COMPARE_LEAST ? '' : formatChange(now.p99, before?.p99)}</td>
      <td className={grade(now.error_share)}>{formatShare(now.error_share)}</td>
      <td className={grade(now.unanswered_share)}>{formatShare(now.unanswered_share)}</td>
    </tr>
  );
}

/** How each server does, against the period before. */
export function ServersPanel({ top, title }: { top: number; title: string }) {
  const [view] = useView();
  const { range } = useSession();
  const query = useQuery<Top>('top', { ...rangeParams(range), by: 'server', metrics: METRICS, limit: top, filter: view.filter });
  const before = useBefore(view.filter);
  const { data } = query;
  const find = (g: Group): Group | undefined => before?.groups.find((b) => b.key[0] === g.key[0]);
  useTableExport(
    useCallback(
      () => ({
        head: ['server', 'count', 'p50_us', 'p99_us', 'error_share', 'unanswered_share'],
        rows: (data?.groups ?? []).map((g) => [g.key[0] ?? null, g.count ?? null, g.p50 ?? null, g.p99 ?? null, g.error_share ?? null, g.unanswered_share ?? null]),
      }),
      [data],
    ),
  );
  const heads = texts.servers;
  return (
    <PanelState query={query} empty={!data || data.groups.length === 0}>
      <div className="nf-scroll" tabIndex={0} role="region" aria-label={title}>
        <table className="nf-table nf-table--roomy">
          <thead>
            <tr>
              <th scope="col">{texts.field('server')}</th>
              <th scope="col" className="nf-num">{heads.rate}</th>
              <th scope="col" className="nf-num" title={heads.trendHelp}>{heads.trend}</th>
              <th scope="col" className="nf-num">P50</th>
              <th scope="col" className="nf-num">P99</th>
              <th scope="col" className="nf-num" title={heads.trendHelp}>{heads.trend}</th>
              <th scope="col" className="nf-num">{heads.errors}</th>
              <th scope="col" className="nf-num">{heads.unanswered}</th>
            </tr>
          </thead>
          <tbody>
            {(data?.groups ?? []).map((g) => <Row key={g.key[0] ?? ''} now={g} before={find(g)} perSecond={seconds(range)} />)}
          </tbody>
        </table>
      </div>
    </PanelState>
  );
}
