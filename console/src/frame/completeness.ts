// SPDX-License-Identifier: Apache-2.0
import type { Losses } from '../api/types';
import type { Range } from '../lib/range';

export interface Completeness {
  lost: number;
  unseen: number;
  /** For so long within the range no agent watched. */
  awaySeconds: number;
  /** Set when the range begins before anything is known. */
  knownFromMs: number | undefined;
  good: boolean;
}

/** The ledger counts by minute: some seconds after the range are no gap in knowledge, and its last
 * minute may be named by its begin. */
const SLACK_MS = 60_000;

/** While the answer for a range is on its way, the last one is still there, and may be of another. */
const touches = (range: Range, first: string, last: string, slackMs = 0): boolean =>
  Date.parse(last) + slackMs > range.fromMs && Date.parse(first) < range.untilMs;

/** The answer is of a range as long as this one, at most moved on by some refreshes. */
export function isAbout(range: Range, answer: { from: string; until: string }): boolean {
  const span = Date.parse(answer.until) - Date.parse(answer.from);
  return touches(range, answer.from, answer.until) && Math.abs(span - (range.untilMs - range.fromMs)) < 1000;
}

export function completeness(losses: Losses | undefined, unseen: number, range: Range): Completeness {
  const lost = (losses?.lost ?? []).filter((l) => touches(range, l.first, l.last, SLACK_MS)).reduce((sum, l) => sum + l.count, 0);
  const awaySeconds = (losses?.away ?? []).reduce((sum, a) => {
    const begin = Math.max(Date.parse(a.from), range.fromMs);
    return sum + Math.max(0, Math.min(Date.parse(a.until), range.untilMs) - begin) / 1000;
  }, 0);
  const knownMs = losses ? Date.parse(losses.known_from) : range.fromMs;
  return {
    lost, unseen, awaySeconds, knownFromMs: knownMs > range.fromMs + SLACK_MS ? knownMs : undefined,
    good: lost === 0 && unseen === 0 && awaySeconds === 0,
  };
}
