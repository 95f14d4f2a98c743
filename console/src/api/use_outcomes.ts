// SPDX-License-Identifier: Apache-2.0
import { useSession } from '../frame/session';
import { rangeParams } from '../lib/range';
import type { Top } from './types';
import { useQuery, type Query } from './use_query';

/** How many there are, how they ended, and how fast: what several parts of a page want to know. */
export function useOutcomes(filter: string): Query<Top> {
  const { range } = useSession();
  return useQuery<Top>('top', {
    ...rangeParams(range), by: 'outcome', limit: 10, metrics: 'count,p50,p90,p99,error_share,unanswered_share', filter,
  });
}
