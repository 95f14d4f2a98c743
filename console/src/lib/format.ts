// SPDX-License-Identifier: Apache-2.0
// Numbers in the units people read.

const NONE = '–';

function digits(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return String(Math.round(value));
  return size >= 10 ? String(Number(value.toFixed(1))) : String(Number(value.toFixed(2)));
}

export function formatLatency(us: number | null | undefined): string {
  if (us === null || us === undefined || !Number.isFinite(us)) return NONE;
  if (us < 1000) return `${digits(us)} µs`;
  if (us < 1e6) return `${digits(us / 1000)} ms`;
  return `${digits(us / 1e6)} s`;
}

export function formatCount(n: number | null | undefined): string {
  if (n === null || n === undefined || !Number.isFinite(n)) return NONE;
  const size = Math.abs(n);
  if (size < 10000) return digits(n);
  if (size < 1e6) return `${digits(n / 1e3)} k`;
  if (size < 1e9) return `${digits(n / 1e6)} M`;
  return `${digits(n / 1e9)} G`;
}

export function formatRate(perSecond: number | null | undefined): string {
  if (perSecond === null || perSecond === undefined || !Number.isFinite(perSecond)) return NONE;
  if (perSecond > 0 && perSecond < 0.01) return '< 0.01 /s';
  const text = formatCount(perSecond);
  return text.endsWith('k') || text.endsWith('M') || text.endsWith('G') ? `${text}/s` : `${text} /s`;
}

export function formatShare(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return NONE;
  const percent = share * 100;
  if (percent > 0 && percent < 0.01) return '< 0.01 %';
  if (percent < 100 && percent > 99.99) return '> 99.99 %';
  return `${digits(percent)} %`;
}

export function formatBytes(n: number | null | undefined): string {
  if (n === null || n === undefined) return NONE;
  if (n < 1024) return `${n} B`;
  if (n < 1024 ** 2) return `${digits(n / 1024)} KiB`;
  if (n < 1024 ** 3) return `${digits(n / 1024 ** 2)} MiB`;
  return `${digits(n / 1024 ** 3)} GiB`;
}

export function formatSeconds(s: number): string {
  if (s < 1) return formatLatency(s * 1e6);
  if (s < 60) return `${digits(s)} s`;
  if (s < 3600) return `${digits(s / 60)} min`;
  if (s < 86400) return `${digits(s / 3600)} h`;
  return `${digits(s / 86400)} d`;
}

/** Of fewer transactions no figure is a measure for others. */
export const COMPARE_LEAST = 30;

/** "+12 %", "-3 %" or "" where there is nothing to compare with. */
export function formatChange(now: number | null | undefined, before: number | null | undefined): string {
  if (!now || !before) return '';
  const change = now / before - 1;
  if (Math.abs(change) < 0.005) return '±0 %';
  // So large a step means that there was next to nothing to compare with.
  if (change > 99) return '';
  if (change > 9.995) return `×${digits(now / before)}`;
  return `${change > 0 ? '+' : '−'}${digits(Math.abs(change) * 100)} %`;
}
