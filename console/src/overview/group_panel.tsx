// SPDX-License-Identifier: Apache-2.0
import { useCallback, useMemo } from 'react';
import { Chart } from '../charts/chart';
import { donutOption, type Slice } from '../charts/donut_option';
import { timeOption, type TimeLine } from '../charts/time_option';
import type { ChartClick } from '../charts/echart';
import { Legend } from '../charts/legend';
import type { FigureSteps, Metric, Series, Top } from '../api/types';
import { HEALTH_METRICS } from '../api/use_outcomes';
import { useQuery, type Query } from '../api/use_query';
import { useFilterMenu } from '../filter/filter_menu';
import { useSession } from '../frame/session';
import { formatCount, formatRate, formatShare } from '../lib/format';
import { joinTerms } from '../lib/filter_text';
import { isoOf } from '../lib/time';
import { keyColor, neutralColor, OUTCOME_ORDER, plainColor, RCODE_ORDER, type Theme } from '../lib/palette';
import { rangeParams } from '../lib/range';
import { texts } from '../texts';
import type { ChartKind } from '../url/state';
import { useView } from '../url/use_view';
import { PlainTableView } from './plain_table';
import { PanelState } from './panel_state';
import { usePngExport, useTableExport, type PlainTable } from './exports';
import type { GroupPanel as What } from './panels';
import { RankList } from './rank_list';
import { formatMetric, isLatency, keyText } from './values';

interface Props {
  what: What;
  title: string;
  kind: ChartKind;
  top: number;
}

const TABLE_METRICS: Metric[] = ['count', 'share', 'average', 'p50', 'p90', 'p99', 'error_share', 'unanswered_share'];
const orderOf = (what: What): string => `${what.ascending ? '' : '-'}${what.metric}`;

const overTime = (kind: ChartKind): kind is 'lines' | 'stack' | 'columns' => kind === 'lines' || kind === 'stack' || kind === 'columns';

/** Stacks begin with what is normal, so that the rest stands out on top, at a steady place. */
function layer(field: string, key: string | null): number {
  const order = field === 'outcome' ? OUTCOME_ORDER : field === 'rcode' ? RCODE_ORDER : [];
  const at = order.indexOf(key ?? '');
  return at < 0 ? order.length : at;
}

/** Counts become rates. The steps at both ends may lie in the range only in part. */
function values(data: Series, steps: FigureSteps | undefined, metric: Metric): (number | null)[] {
  const list = steps?.[metric] ?? [];
  if (metric !== 'count') return list;
  const stepMs = data.step_seconds * 1000;
  const startMs = Date.parse(data.start);
  const [fromMs, untilMs] = [Date.parse(data.from), Date.parse(data.until)];
  return list.map((v, i) => {
    const begin = Math.max(startMs + i * stepMs, fromMs);
    const inside = Math.min(startMs + (i + 1) * stepMs, untilMs) - begin;
    return inside < stepMs / 4 ? null : ((v ?? 0) / inside) * 1000;
  });
}

function linesOf(data: Series, field: string, what: What, kind: ChartKind, theme: Theme): TimeLine[] {
  const of = (steps: FigureSteps | undefined): (number | null)[] => values(data, steps, what.metric);
  const groups = [...data.groups].sort((a, b) => layer(field, a.key[0] ?? null) - layer(field, b.key[0] ?? null));
  const lines: TimeLine[] = groups.map((g) => ({
    name: keyText(field, g.key[0] ?? null), color: keyColor(field, g.key[0] ?? null, theme), values: of(g),
    key: g.key[0] ?? null,
  }));
  if (what.metric === 'count' && kind !== 'lines' && data.matched > data.groups.length) {
    lines.push({ name: texts.others, color: neutralColor(theme), values: of(data.others) });
  }
  if (what.overall) {
    const name = what.metric === 'count' ? texts.total : texts.overall;
    lines.push({ name, color: theme === 'dark' ? '#f0f0f0' : '#151515', values: of(data.overall), strong: true });
  }
  return lines;
}

function seriesTable(data: Series, field: string, what: What): PlainTable {
  const startMs = Date.parse(data.start);
  const steps = data.overall[what.metric]?.length ?? data.groups[0]?.[what.metric]?.length ?? 0;
  return {
    head: [texts.field('time'), ...data.groups.map((g) => keyText(field, g.key[0] ?? null)), texts.overall],
    rows: Array.from({ length: steps }, (_, i) => [
      isoOf(startMs + i * data.step_seconds * 1000),
      ...data.groups.map((g) => g[what.metric]?.[i] ?? null),
      data.overall[what.metric]?.[i] ?? null,
    ]),
  };
}

/** Counts by outcome come with the figures that the head of the page asks for anyway. */
function useSeriesIf(wanted: boolean, what: What, field: string, top: number): Query<Series> {
  const [view] = useView();
  const { range } = useSession();
  const metrics = what.metric !== 'count' ? `count,${what.metric}` : field === 'outcome' ? HEALTH_METRICS : 'count';
  return useQuery<Series>(wanted ? 'series' : null, {
    ...rangeParams(range), by: field, limit: top, metrics, step: 'auto', filter: joinTerms([view.filter, what.filter ?? '']),
    ...(what.metric === 'count' ? {} : { order: orderOf(what) }),
  });
}

function TimeGroups({ what, title, kind, top }: Props & { kind: 'lines' | 'stack' | 'columns' }) {
  const [view] = useView();
  const { theme } = useSession();
  const field = what.by ?? view.by;
  const open = useFilterMenu();
  const query = useSeriesIf(true, what, field, top);
  const { data } = query;
  const lines = useMemo(() => (data ? linesOf(data, field, what, kind, theme) : []), [data, field, what, kind, theme]);
  const option = useMemo(() => {
    if (!data) return undefined;
    return timeOption({
      lines, startMs: Date.parse(data.start),
      stepMs: data.step_seconds * 1000, fromMs: Date.parse(data.from), untilMs: Date.parse(data.until),
      kind, theme, zone: view.zone, logarithmic: isLatency(what.metric),
      format: (v) => (what.metric === 'count' ? formatRate(v) : formatMetric(what.metric, v)),
    });
  }, [data, lines, what, kind, theme, view.zone]);
  useTableExport(useCallback(() => (data ? seriesTable(data, field, what) : { head: [], rows: [] }), [data, field, what]));
  const png = usePngExport();
  const click = (c: ChartClick): void => {
    const group = data?.groups.find((g) => keyText(field, g.key[0] ?? null) === c.seriesName);
    if (group) open({ field, value: group.key[0] ?? null, x: c.x, y: c.y });
  };
  return (
    <PanelState query={query} empty={!data || (data.overall.count ?? []).every((n) => !n)}>
      {option ? <Chart option={option} label={`${title}: ${texts.kinds[kind]}`} click={click} png={png} /> : null}
      <Legend field={field} entries={lines.map((l) => ({ text: l.name, color: l.color, ...(l.key === undefined ? {} : { key: l.key }) }))} />
    </PanelState>
  );
}

function topTable(data: Top, field: string): PlainTable {
  return {
    head: [texts.field(field), ...data.metrics.map((m) => texts.metrics[m])],
    rows: data.groups.map((g) => [keyText(field, g.key[0] ?? null), ...data.metrics.map((m) => g[m] ?? null)]),
  };
}

function Ranked({ data, field, what, title }: { data: Top; field: string; what: What; title: string }) {
  const { theme } = useSession();
  const m = what.metric;
  const meaning = field === 'rcode' || field === 'outcome';
  const ranks = data.groups.map((g) => {
    const key = g.key[0] ?? null;
    return {
      key, text: keyText(field, key), value: g[m] ?? null, shown: formatMetric(m, g[m]),
      color: meaning ? keyColor(field, key, theme) : plainColor(theme), errorShare: meaning || what.filter ? null : g.error_share,
    };
  });
  const side = (v: number | null | undefined) => ({ value: v ?? null, shown: formatMetric(m, v) });
  const others = m === 'count' && data.matched > data.groups.length && data.others?.count;
  return (
    <RankList
      field={field} ranks={ranks} label={title}
      {...(what.overall && m !== 'count' ? { overall: side(data.overall[m]) } : {})}
      {...(others ? { others: side(data.others?.count) } : {})}
    />
  );
}

/** The counts of a series, added up. */
export function topOf(s: Series): Top {
  const sum = (steps: FigureSteps | undefined): number => (steps?.count ?? []).reduce<number>((all, n) => all + (n ?? 0), 0);
  const total = sum(s.overall);
  const groups = s.groups.map((g) => ({ key: g.key, count: sum(g) })).sort((x, y) => y.count - x.count);
  return { from: s.from, until: s.until, by: s.by, metrics: ['count'], groups, overall: { count: total }, matched: s.matched };
}

/** A donut over few values: the answer that the chart over time of the same values has, too. */
function useTop(what: What, field: string, kind: ChartKind, top: number): Query<Top> {
  const [view] = useView();
  const { range } = useSession();
  const asSeries = kind === 'donut' && (field === 'rcode' || field === 'outcome');
  const series = useSeriesIf(asSeries, what, field, top);
  const metrics: Metric[] = [...new Set<Metric>([...(kind === 'table' ? TABLE_METRICS : (['count', 'error_share'] as const)), what.metric])];
  const query = useQuery<Top>(asSeries ? null : 'top', {
    ...rangeParams(range), by: field, metrics: metrics.join(','), order: orderOf(what), limit: top,
    filter: joinTerms([view.filter, what.filter ?? '']),
  });
  const summed = useMemo(() => (series.data ? topOf(series.data) : undefined), [series.data]);
  return asSeries ? { ...series, data: summed } : query;
}

function TopGroups({ what, title, kind, top }: Props) {
  const [view] = useView();
  const { theme } = useSession();
  const field = what.by ?? view.by;
  const open = useFilterMenu();
  const query = useTop(what, field, kind, top);
  const { data } = query;
  useTableExport(useCallback(() => (data ? topTable(data, field) : { head: [], rows: [] }), [data, field]));
  const png = usePngExport();
  const slices = useMemo((): Slice[] => {
    if (!data || kind !== 'donut') return [];
    const list: Slice[] = data.groups.map((g) => ({
      name: keyText(field, g.key[0] ?? null), color: keyColor(field, g.key[0] ?? null, theme), value: g.count ?? 0,
      key: g.key[0] ?? null,
    }));
    const rest = (data.overall.count ?? 0) - list.reduce((sum, s) => sum + s.value, 0);
    if (rest > 0) list.push({ name: texts.others, color: neutralColor(theme), value: rest });
    return list;
  }, [data, field, kind, theme]);
  const option = useMemo(() => (slices.length > 0 ? donutOption(slices, theme) : undefined), [slices, theme]);
  const click = (c: ChartClick): void => {
    const group = data?.groups.find((g) => keyText(field, g.key[0] ?? null) === c.name);
    if (group) open({ field, value: group.key[0] ?? null, x: c.x, y: c.y });
  };
  return (
    <PanelState query={query} empty={!data || data.groups.length === 0}>
      {option ? (
        <div className="nf-donut">
          <Chart option={option} label={`${title}: ${formatCount(data?.overall.count)}`} click={click} png={png} />
          <Legend
            side
            field={field}
            entries={slices.map((s) => ({
              text: s.name, color: s.color, value: formatShare(s.value / (data?.overall.count || 1)), ...(s.key === undefined ? {} : { key: s.key }),
            }))}
          />
        </div>
      ) : null}
      {data && kind === 'bars' ? <Ranked data={data} field={field} what={what} title={title} /> : null}
      {data && kind === 'table' ? (
        <PlainTableView table={topTable(data, field)} format={(v, column) => formatMetric(data.metrics[column - 1] ?? 'count', v)} label={title} />
      ) : null}
    </PanelState>
  );
}

export function GroupPanel(props: Props) {
  return overTime(props.kind) ? <TimeGroups {...props} kind={props.kind} /> : <TopGroups {...props} />;
}
