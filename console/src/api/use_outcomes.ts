// SPDX-License-Identifier: Apache-2.0
import { useSession } from '../frame/session';
import { previous, rangeParams } from '../lib/range';
import type { Series, Top } from './types';
import { useQuery, type Query } from './use_query';

/** What is said of all transactions together; asked for with one set of metrics, so that parts of a
 * page that want some of them share an answer. */
export const HEALTH_METRICS = 'count,p50,p90,p99,error_share,unanswered_share';

/** How many there are, how they ended, and how fast: what several parts of a page want to know. */
export function useOutcomes(filter: string): Query<Top> {
  const { range } = useSession();
  return useQuery<Top>('top', {
    ...rangeParams(range), by: 'outcome', limit: 10, metrics: HEALTH_METRICS, filter,
  });
}

/** The same over time. */
export function useOutcomeSeries(filter: string): Query<Series> {
  const { range } = useSession();
  return useQuery<Series>('series', { ...rangeParams(range), by: 'outcome', limit: 10, metrics: HEALTH_METRICS, step: 'auto', filter });
}

const SERVERS_BEFORE = 200;

/** The period of the same length before, by server. */
export function useBefore(filter: string): Top | undefined {
  const { range } = useSession();
  return useQuery<Top>('top', { ...rangeParams(previous(range)), by: 'server', limit: SERVERS_BEFORE, metrics: HEALTH_METRICS, filter }).data;
}
