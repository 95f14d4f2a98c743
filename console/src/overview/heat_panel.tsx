// SPDX-License-Identifier: Apache-2.0
import { useCallback, useMemo } from 'react';
import type { Histogram } from '../api/types';
import { useQuery } from '../api/use_query';
import { Chart } from '../charts/chart';
import { evenBuckets, heatCells, heatOption, heatText, moveInHeat } from '../charts/heat_option';
import type { ChartKeys } from '../charts/echart';
import { useSession } from '../frame/session';
import { rangeParams, seconds } from '../lib/range';
import { isoOf } from '../lib/time';
import { withTerm } from '../lib/filter_text';
import { useView } from '../url/use_view';
import { usePngExport, useTableExport } from './exports';
import { PanelState } from './panel_state';

const NICE_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];
const MOST_STEPS = 72;

export function HeatPanel({ title }: { title: string }) {
  const [view, change] = useView();
  const { range, theme } = useSession();
  const step = NICE_S.find((s) => seconds(range) / s <= MOST_STEPS) ?? 86400;
  const query = useQuery<Histogram>('histogram', { ...rangeParams(range), step: `${step}s`, filter: view.filter });
  const { data } = query;
  const option = useMemo(
    () => (data && data.buckets.length > 0 ? heatOption(data, theme, view.zone) : undefined),
    [data, theme, view.zone],
  );
  useTableExport(
    useCallback(
      () => ({
        head: ['time', ...(data?.buckets ?? []).map((b) => `${b.low_us}..${b.high_us} us`)],
        rows: (data?.buckets[0]?.counts ?? []).map((_, i) => [
          isoOf(Date.parse(data?.start ?? '') + i * (data?.step_seconds ?? 0) * 1000),
          ...(data?.buckets ?? []).map((b) => b.counts[i] ?? 0),
        ]),
      }),
      [data],
    ),
  );
  const png = usePngExport();
  // A cell leads to its transactions: the moment and the latencies from there on.
  const go = useCallback((cell: readonly number[]): void => {
    if (!data) return;
    const from = Date.parse(data.start) + (cell[0] ?? 0) * data.step_seconds * 1000;
    const low = evenBuckets(data).buckets[cell[1] ?? 0]?.low_us ?? 0;
    change({
      view: 'traffic', from: isoOf(from), until: isoOf(from + data.step_seconds * 1000), full: '', order: '-latency_us',
      filter: withTerm(view.filter, `latency_us>=${Math.floor(low)}us`),
    });
  }, [data, change, view.filter]);
  const keys = useMemo((): ChartKeys => {
    const even = data && evenBuckets(data);
    const cells = even ? heatCells(even) : [];
    return {
      move: (from, arrow) => moveInHeat(cells, from, arrow),
      text: (item) => (even ? heatText(even, cells[item], view.zone) : ''),
      enter: (item) => {
        const cell = cells[item];
        if (cell) go(cell);
      },
    };
  }, [data, go, view.zone]);
  return (
    <PanelState query={query} empty={!option}>
      {option ? <Chart option={option} label={title} click={(at) => Array.isArray(at.data) && go(at.data as number[])} keys={keys} png={png} /> : null}
    </PanelState>
  );
}
