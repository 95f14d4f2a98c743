// SPDX-License-Identifier: Apache-2.0
import type { Figures } from '../api/types';
import { formatLatency, formatShare } from '../lib/format';
import { texts } from '../texts';

export type Grade = 'good' | 'warn' | 'bad' | 'none';

export interface Verdict {
  grade: Grade;
  text: string;
}

const BAD = 0.05;
const WARN = 0.01;
const SLOW_P50_US = 100_000;
const SLOW_P99_US = 2_000_000;

/** One sentence: is DNS all right? 5 % is where NetObserv's alert stands, too. */
export function verdict(f: Figures | undefined): Verdict {
  if (!f?.count) return { grade: 'none', text: texts.verdict.none };
  const unanswered = f.unanswered_share ?? 0;
  const errors = f.error_share ?? 0;
  const grade: Grade = errors >= BAD ? 'bad' : errors >= WARN ? 'warn' : 'good';
  if (grade !== 'good') {
    return { grade, text: unanswered > errors / 2 ? texts.verdict.unanswered(formatShare(unanswered)) : texts.verdict.errors(formatShare(errors)) };
  }
  if ((f.p50 ?? 0) > SLOW_P50_US || (f.p99 ?? 0) > SLOW_P99_US) {
    return { grade: 'warn', text: texts.verdict.slow(formatLatency(f.p50), formatLatency(f.p99)) };
  }
  return { grade: 'good', text: texts.verdict.good };
}
