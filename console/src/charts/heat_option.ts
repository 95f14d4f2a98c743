// SPDX-License-Identifier: Apache-2.0
import type { EChartsCoreOption } from 'echarts/core';
import type { Histogram } from '../api/types';
import { formatCount, formatLatency } from '../lib/format';
import { heatColors, type Theme } from '../lib/palette';
import { formatMoment, formatTick, type Zone } from '../lib/time';
import { FONT, ink } from './colors';
import { tip } from './tip';

/** [step, bucket, count] of all cells that hold something. */
export function heatCells(h: Histogram): [number, number, number][] {
  return h.buckets.flatMap((b, y) => b.counts.flatMap((n, x) => (n > 0 ? [[x, y, n] as [number, number, number]] : [])));
}

/** Buckets without a gap in between, so that the axis is even on the logarithm. */
export function evenBuckets(h: Histogram): Histogram {
  const steps = h.buckets[0]?.counts.length ?? 0;
  const out: Histogram['buckets'] = [];
  for (const bucket of h.buckets) {
    let low = out[out.length - 1]?.high_us;
    const ratio = Math.max(bucket.high_us / Math.max(bucket.low_us, 1), 1.05);
    while (low !== undefined && low * Math.sqrt(ratio) < bucket.low_us && out.length < 400) {
      const high = Math.min(Math.ceil(low * ratio), bucket.low_us);
      out.push({ low_us: low, high_us: high, counts: new Array<number>(steps).fill(0) });
      low = high;
    }
    out.push(bucket);
  }
  return { ...h, buckets: out };
}

/** Goes through the cells that hold something: in time first, to the nearest latency there. */
export function moveInHeat(cells: readonly [number, number, number][], from: number, arrow: string): number {
  const at = cells[from];
  if (!at) return cells.length > 0 ? 0 : -1;
  const [along, across]: [0, 1] | [1, 0] = arrow === 'ArrowLeft' || arrow === 'ArrowRight' ? [0, 1] : [1, 0];
  const sign = arrow === 'ArrowRight' || arrow === 'ArrowUp' ? 1 : -1;
  let best = from;
  let least = Infinity;
  cells.forEach((c, i) => {
    const ahead = (c[along] - at[along]) * sign;
    const aside = Math.abs(c[across] - at[across]);
    if (ahead <= 0 || (along === 1 && aside > 0)) return;
    const cost = ahead * 1000 + aside;
    if (cost < least) [best, least] = [i, cost];
  });
  return best;
}

/** A cell in words. */
export function heatText(h: Histogram, cell: [number, number, number] | undefined, zone: Zone): string {
  if (!cell) return '';
  const b = h.buckets[cell[1]];
  const moment = formatMoment(Date.parse(h.start) + cell[0] * h.step_seconds * 1000, zone);
  return `${moment}, ${formatLatency(b?.low_us)} – ${formatLatency(b?.high_us)}: ${formatCount(cell[2])}`;
}

const TICKS_MS = [1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800].map((s) => s * 1000);

export function heatOption(given: Histogram, theme: Theme, zone: Zone): EChartsCoreOption {
  const h = evenBuckets(given);
  const colors = ink(theme);
  const startMs = Date.parse(h.start);
  const stepMs = h.step_seconds * 1000;
  const steps = h.buckets[0]?.counts.length ?? 0;
  const span = steps * stepMs;
  const cells = heatCells(h);
  const most = cells.reduce((max, c) => Math.max(max, c[2]), 1);
  const label = { color: colors.dim, fontFamily: FONT, fontSize: 11 };
  // Ticks at whole minutes, hours or days of the reader's clock.
  const offset = zone === 'utc' ? 0 : new Date(startMs).getTimezoneOffset() * 6e4;
  const every = TICKS_MS.find((t) => t >= stepMs && span / t <= 7) ?? span;
  // A tick where a power of ten begins.
  const decade = (i: number): number => Math.floor(Math.log10(Math.max(h.buckets[i]?.low_us ?? 1, 1)) + 0.02);
  return {
    animation: false,
    textStyle: { fontFamily: FONT },
    grid: { left: 8, right: 14, top: 12, bottom: 4, containLabel: true },
    tooltip: {
      trigger: 'item', appendTo: 'body', className: 'nf-tooltip', transitionDuration: 0,
      formatter: (raw: unknown) => {
        const { data, color } = raw as { data: [number, number, number, number]; color: string };
        const b = h.buckets[data[1]];
        return tip(formatMoment(startMs + data[0] * stepMs, zone), [
          { color, name: `${formatLatency(b?.low_us)} – ${formatLatency(b?.high_us)}`, value: formatCount(data[3]) },
        ]);
      },
    },
    xAxis: {
      type: 'category', data: Array.from({ length: steps }, (_, i) => i),
      axisLabel: { ...label, interval: (i: number) => (startMs + i * stepMs - offset) % every === 0, formatter: (_: string, i: number) => formatTick(startMs + i * stepMs, span, zone) },
      axisTick: { show: false }, axisLine: { lineStyle: { color: colors.line } },
    },
    yAxis: {
      type: 'category', data: h.buckets.map((_, i) => i),
      axisLabel: { ...label, interval: (i: number) => i > 0 && decade(i) !== decade(i - 1), formatter: (_: string, i: number) => formatLatency(10 ** decade(i)) },
      axisTick: { show: false }, axisLine: { show: false },
    },
    visualMap: {
      show: false, min: 0, max: Math.log1p(most), dimension: 2, inRange: { color: heatColors(theme) },
    },
    series: [{ type: 'heatmap', data: cells.map(([x, y, n]) => [x, y, Math.log1p(n), n]), progressive: 0 }],
  };
}
