// SPDX-License-Identifier: Apache-2.0
// The same question, asked by several parts of a page at once, goes to the agent once.
import { apiGet, apiPath, type Params } from './client';

interface Asked {
  answer: Promise<unknown>;
  stop: AbortController;
  users: number;
}

const running = new Map<string, Asked>();

export interface Shared<T> {
  answer: Promise<T>;
  /** This part no longer waits; when none does, the request ends. */
  leave: () => void;
}

/** `round`: answers of an earlier refresh are not for a later one. */
export function askShared<T>(path: string, params: Params, round: number): Shared<T> {
  const key = `${round} ${apiPath(path, params)}`;
  let asked = running.get(key);
  if (!asked) {
    const stop = new AbortController();
    asked = { answer: apiGet<T>(path, params, stop.signal), stop, users: 0 };
    const forget = (): boolean => running.delete(key);
    asked.answer.then(forget, forget);
    running.set(key, asked);
  }
  const mine = asked;
  mine.users += 1;
  let waits = true;
  return {
    answer: mine.answer as Promise<T>,
    leave: () => {
      if (!waits) return;
      waits = false;
      mine.users -= 1;
      if (mine.users > 0) return;
      running.delete(key);
      mine.stop.abort();
    },
  };
}
