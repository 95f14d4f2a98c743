// SPDX-License-Identifier: Apache-2.0
// When the transactions of the table were: a range drawn in it becomes the time range.
import { Button } from '@patternfly/react-core';
import LeftIcon from '@patternfly/react-icons/dist/esm/icons/angle-left-icon';
import MinusIcon from '@patternfly/react-icons/dist/esm/icons/search-minus-icon';
import PlusIcon from '@patternfly/react-icons/dist/esm/icons/search-plus-icon';
import RightIcon from '@patternfly/react-icons/dist/esm/icons/angle-right-icon';
import { useMemo } from 'react';
import type { Series } from '../api/types';
import { useQuery } from '../api/use_query';
import { Chart } from '../charts/chart';
import { Legend } from '../charts/legend';
import { timeOption, type TimeLine } from '../charts/time_option';
import { useSession } from '../frame/session';
import { formatCount } from '../lib/format';
import { outcomeColor, OUTCOME_ORDER } from '../lib/palette';
import { rangeParams } from '../lib/range';
import { isoOf } from '../lib/time';
import { keyText } from '../overview/values';
import { texts } from '../texts';
import { useView } from '../url/use_view';

const rank = (key: string | null): number => OUTCOME_ORDER.indexOf(key ?? '');

function Steps() {
  const [, change] = useView();
  const { range } = useSession();
  const width = range.untilMs - range.fromMs;
  const go = (fromMs: number, untilMs: number): void => {
    const now = Date.now();
    const end = Math.min(untilMs, now);
    change({ from: isoOf(Math.min(fromMs, end - 1000)), until: isoOf(end) });
  };
  const t = texts.traffic;
  const step = width / 2;
  return (
    <div className="nf-histogram__steps">
      <Button variant="plain" size="sm" icon={<LeftIcon />} aria-label={t.earlier} title={t.earlier} onClick={() => go(range.fromMs - step, range.untilMs - step)} />
      <Button variant="plain" size="sm" icon={<RightIcon />} aria-label={t.later} title={t.later} onClick={() => go(range.fromMs + step, range.untilMs + step)} />
      <Button variant="plain" size="sm" icon={<PlusIcon />} aria-label={t.zoomIn} title={t.zoomIn} onClick={() => go(range.fromMs + width / 4, range.untilMs - width / 4)} />
      <Button variant="plain" size="sm" icon={<MinusIcon />} aria-label={t.zoomOut} title={t.zoomOut} onClick={() => go(range.fromMs - step, range.untilMs + step)} />
    </div>
  );
}

export function TrafficHistogram() {
  const [view, change] = useView();
  const { range, theme } = useSession();
  const { data } = useQuery<Series>('series', {
    ...rangeParams(range), by: 'outcome', metrics: 'count', step: 'auto', limit: 10, filter: view.filter,
  });
  const lines = useMemo((): TimeLine[] => {
    const groups = [...(data?.groups ?? [])].sort((a, b) => rank(a.key[0] ?? null) - rank(b.key[0] ?? null));
    return groups.map((g) => ({
      name: keyText('outcome', g.key[0] ?? null), key: g.key[0] ?? null,
      color: outcomeColor(g.key[0] ?? null, theme), values: g.count ?? [],
    }));
  }, [data, theme]);
  const option = useMemo(() => {
    if (!data) return undefined;
    return {
      ...timeOption({
        lines, startMs: Date.parse(data.start), stepMs: data.step_seconds * 1000, fromMs: Date.parse(data.from),
        untilMs: Date.parse(data.until), kind: 'columns', theme, zone: view.zone, format: formatCount,
      }),
      brush: { xAxisIndex: 0, toolbox: [], throttleType: 'debounce', throttleDelay: 0, brushStyle: { borderWidth: 1, color: 'rgba(43,123,209,0.25)', borderColor: '#2b7bd1' } },
    };
  }, [data, lines, theme, view.zone]);
  return (
    <section className="nf-histogram" aria-label={texts.traffic.histogram}>
      <div className="nf-histogram__chart">
        {option ? (
          <Chart option={option} label={texts.traffic.histogram} brush={(from, until) => change({ from: isoOf(from), until: isoOf(Math.max(until, from + 1000)) })} />
        ) : null}
      </div>
      <div className="nf-histogram__foot">
        <Legend field="outcome" entries={lines.map((l) => ({ text: l.name, color: l.color, key: l.key ?? null }))} />
        <Steps />
      </div>
    </section>
  );
}
