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

/** A ledger begins with its first agent: some seconds after the range are no gap in knowledge. */
const SLACK_MS = 60_000;

export function completeness(losses: Losses | undefined, unseen: number, range: Range): Completeness {
  const lost = (losses?.lost ?? []).reduce((sum, l) => sum + l.count, 0);
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
