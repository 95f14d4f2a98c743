// SPDX-License-Identifier: Apache-2.0
import type { EChartsCoreOption } from 'echarts/core';
import type { Theme } from '../lib/palette';
import { formatMoment, formatTick, type Zone } from '../lib/time';
import { FONT, ink } from './colors';
import { tip } from './tip';

export interface TimeLine {
  name: string;
  color: string;
  values: (number | null)[];
  /** Drawn over the others: an overall or a total. */
  strong?: boolean;
  /** The value of the group; undefined: an overall or the others. */
  key?: string | null;
}

export interface TimeChart {
  lines: TimeLine[];
  startMs: number;
  stepMs: number;
  fromMs: number;
  untilMs: number;
  kind: 'lines' | 'stack' | 'columns';
  theme: Theme;
  zone: Zone;
  format: (value: number | null) => string;
  /** A number that grows tenfold over the axis: latencies of some us and of some s beside each other. */
  logarithmic?: boolean;
}

const numberOf = (value: unknown): number | null => {
  const y = Array.isArray(value) ? (value as unknown[])[1] : value;
  return typeof y === 'number' ? y : null;
};

interface AxisParam {
  seriesName: string;
  color: string;
  value: unknown;
  seriesIndex: number;
}

function tooltip(c: TimeChart) {
  return (raw: unknown): HTMLElement => {
    const params = raw as AxisParam[];
    const first = params[0]?.value as [number, number | null] | undefined;
    const rows = params
      .filter((p) => numberOf(p.value) !== null)
      .sort((a, b) => (numberOf(b.value) ?? 0) - (numberOf(a.value) ?? 0))
      .slice(0, 16)
      .map((p) => ({
        color: c.lines[p.seriesIndex]?.color ?? p.color, name: p.seriesName,
        value: c.format(numberOf(p.value)), strong: c.lines[p.seriesIndex]?.strong ?? false,
      }));
    const start = (first?.[0] ?? 0) - (c.kind === 'columns' ? c.stepMs / 2 : 0);
    return tip(formatMoment(start, c.zone), rows);
  };
}

/** A point without neighbours has no line, so it gets a dot. */
function points(values: (number | null)[], startMs: number, stepMs: number) {
  return values.map((v, i) => {
    const value = [startMs + i * stepMs, v];
    const alone = v !== null && (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null;
    return alone ? { value, symbol: 'circle', symbolSize: 6 } : value;
  });
}

function seriesOf(c: TimeChart, line: TimeLine) {
  const columns = c.kind === 'columns' && !line.strong;
  const shift = c.kind === 'columns' ? c.stepMs / 2 : 0;
  return {
    type: columns ? 'bar' : 'line',
    name: line.name,
    data: points(line.values, c.startMs + shift, c.stepMs),
    color: line.color,
    ...(line.strong || c.kind === 'lines' ? {} : { stack: 'all' }),
    ...(columns
      ? { barCategoryGap: '12%', barMaxWidth: 40 }
      : {
          showSymbol: true,
          symbol: 'none',
          connectNulls: false,
          lineStyle: { width: line.strong ? 2 : c.kind === 'lines' ? 1.75 : 0, type: line.strong ? [5, 3] : 'solid' },
          ...(c.kind === 'stack' && !line.strong ? { areaStyle: { opacity: 0.85 } } : {}),
        }),
    emphasis: { focus: 'series' },
    z: line.strong ? 5 : 2,
  };
}

export function timeOption(c: TimeChart): EChartsCoreOption {
  const colors = ink(c.theme);
  const span = c.untilMs - c.fromMs;
  const label = { color: colors.dim, fontFamily: FONT, fontSize: 11 };
  return {
    animation: false,
    textStyle: { fontFamily: FONT },
    grid: { left: 8, right: 14, top: 12, bottom: 4, containLabel: true },
    tooltip: {
      trigger: 'axis', appendTo: 'body', className: 'nf-tooltip', transitionDuration: 0, confine: false,
      axisPointer: { type: 'line', lineStyle: { color: colors.dim } },
      formatter: tooltip(c),
    },
    xAxis: {
      type: 'time', min: c.fromMs, max: c.untilMs, splitNumber: 5,
      axisLabel: { ...label, hideOverlap: true, formatter: (ms: number) => formatTick(ms, span, c.zone) },
      axisLine: { lineStyle: { color: colors.line } }, axisTick: { lineStyle: { color: colors.line } },
    },
    yAxis: {
      type: c.logarithmic ? 'log' : 'value', ...(c.logarithmic ? {} : { min: 0 }), splitNumber: 4,
      axisLabel: { ...label, formatter: (v: number) => c.format(v) },
      splitLine: { lineStyle: { color: colors.line } },
    },
    series: c.lines.map((line) => seriesOf(c, line)),
  };
}
