// SPDX-License-Identifier: Apache-2.0
import { ApiError, apiGet } from '../api/client';
import type { Problem } from '../api/types';

/** Asks the agent whether a filter is right, with a query that costs nothing. undefined: it is. */
export async function checkFilter(filter: string, signal?: AbortSignal): Promise<Problem | undefined> {
  if (!filter.trim()) return undefined;
  try {
    await apiGet('top', { by: 'outcome', limit: 1, from: '-1s', until: 'now', filter }, signal);
    return undefined;
  } catch (error) {
    return error instanceof ApiError && error.failure === 'refused' ? error.problem : undefined;
  }
}
