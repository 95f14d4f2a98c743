// SPDX-License-Identifier: Apache-2.0
import { momentMs } from './time';

/** What all queries of one refresh ask for, so that the charts agree. */
export interface Range {
  fromMs: number;
  untilMs: number;
}

export function rangeOf(from: string, until: string, nowMs: number): Range {
  const untilMs = momentMs(until, nowMs);
  const fromMs = momentMs(from, Number.isFinite(untilMs) ? Math.min(nowMs, untilMs) : nowMs);
  const end = Number.isFinite(untilMs) ? untilMs : nowMs;
  const begin = Number.isFinite(fromMs) && fromMs < end ? fromMs : end - 15 * 6e4;
  return { fromMs: begin, untilMs: end };
}

export function rangeParams(range: Range): { from: string; until: string } {
  return { from: new Date(range.fromMs).toISOString(), until: new Date(range.untilMs).toISOString() };
}

/** The period of the same length before, to compare with. */
export function previous(range: Range): Range {
  return { fromMs: 2 * range.fromMs - range.untilMs, untilMs: range.fromMs };
}

export function seconds(range: Range): number {
  return (range.untilMs - range.fromMs) / 1000;
}
