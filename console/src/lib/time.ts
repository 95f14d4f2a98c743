// SPDX-License-Identifier: Apache-2.0
// Ranges of time and how moments are written. A moment in a range is "now", "-15m" or RFC 3339.

export type Zone = 'local' | 'utc';

const UNIT_MS: { [unit: string]: number } = { s: 1e3, m: 6e4, h: 36e5, d: 864e5 };

/** Milliseconds since the epoch; NaN when it is none of the forms. */
export function momentMs(text: string, nowMs: number): number {
  if (text === 'now') return nowMs;
  const ago = /^-(\d+(?:\.\d+)?)([smhd])$/.exec(text);
  if (ago) return nowMs - Number(ago[1]) * (UNIT_MS[ago[2] ?? ''] ?? NaN);
  if (/^\d{4}-\d\d-\d\dT/.test(text)) return Date.parse(text);
  return NaN;
}

export function isRelative(text: string): boolean {
  return text === 'now' || text.startsWith('-');
}

export function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

function partsOf(ms: number, zone: Zone): Parts {
  const d = new Date(ms);
  return zone === 'utc'
    ? {
        year: d.getUTCFullYear(), month: d.getUTCMonth() + 1, day: d.getUTCDate(),
        hour: d.getUTCHours(), minute: d.getUTCMinutes(), second: d.getUTCSeconds(),
      }
    : {
        year: d.getFullYear(), month: d.getMonth() + 1, day: d.getDate(),
        hour: d.getHours(), minute: d.getMinutes(), second: d.getSeconds(),
      };
}

const two = (n: number): string => String(n).padStart(2, '0');

export function formatDate(ms: number, zone: Zone): string {
  const p = partsOf(ms, zone);
  return `${p.year}-${two(p.month)}-${two(p.day)}`;
}

export function formatClock(ms: number, zone: Zone): string {
  const p = partsOf(ms, zone);
  return `${two(p.hour)}:${two(p.minute)}:${two(p.second)}`;
}

export function formatMoment(ms: number, zone: Zone): string {
  return `${formatDate(ms, zone)} ${formatClock(ms, zone)}`;
}

/** The time of a record with the digits below a second that `digits` asks for (up to 9). */
export function formatRecordTime(time: string, zone: Zone, digits = 3, date = false): string {
  const ms = Date.parse(time);
  if (!Number.isFinite(ms)) return time;
  const fraction = (/\.(\d+)/.exec(time)?.[1] ?? '').padEnd(9, '0').slice(0, digits);
  const whole = date ? formatMoment(ms, zone) : formatClock(ms, zone);
  return digits > 0 ? `${whole}.${fraction}` : whole;
}

/** A tick of a time axis: as much as the width of the range makes interesting. */
export function formatTick(ms: number, spanMs: number, zone: Zone): string {
  const p = partsOf(ms, zone);
  const clock = `${two(p.hour)}:${two(p.minute)}`;
  if (spanMs <= 10 * 6e4) return `${clock}:${two(p.second)}`;
  if (spanMs <= 36 * 36e5) return clock;
  if (spanMs <= 4 * 864e5) return `${two(p.month)}-${two(p.day)} ${clock}`;
  return `${two(p.month)}-${two(p.day)}`;
}

/** For <input type="datetime-local" step="1">. */
export function toInput(ms: number, zone: Zone): string {
  return `${formatDate(ms, zone)}T${formatClock(ms, zone)}`;
}

export function fromInput(text: string, zone: Zone): number {
  return Date.parse(zone === 'utc' ? `${text}Z` : text);
}
