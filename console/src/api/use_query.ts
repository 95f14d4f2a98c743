// SPDX-License-Identifier: Apache-2.0
import { createContext, useCallback, useContext, useEffect, useRef, useState } from 'react';
import { useSession } from '../frame/session';
import { ApiError, type Params } from './client';
import { askShared } from './share';

export interface Query<T> {
  /** The last answer; kept while the next one is on its way and when it fails. */
  data: T | undefined;
  error: ApiError | undefined;
  loading: boolean;
  /** It has been loading for more than a second. */
  slow: boolean;
  cancel: () => void;
}

const SLOW_MS = 1000;

/** False around what nobody can see now: it keeps its last answer, and asks once it is in sight. */
export const AskingContext = createContext(true);

/** Asks again at each refresh and whenever path or parameters change. null: does not ask. */
export function useQuery<T>(path: string | null, params: Params): Query<T> {
  const { tick, report } = useSession();
  const asking = useContext(AskingContext);
  const [data, setData] = useState<T>();
  const [error, setError] = useState<ApiError>();
  const [loading, setLoading] = useState(path !== null);
  const [slow, setSlow] = useState(false);
  const stop = useRef<() => void>();
  /** The question that is done with: answered, failed or cancelled. */
  const settled = useRef('');
  const running = useRef('');
  const key = path === null ? null : JSON.stringify([path, params]);
  const question = `${tick} ${key ?? ''}`;
  // What was begun in sight is waited for.
  const due = asking || running.current === question;

  useEffect(() => {
    if (key === null || !due || settled.current === question) return undefined;
    const [askedPath, askedParams] = JSON.parse(key) as [string, Params];
    const shared = askShared<T>(askedPath, askedParams, tick);
    const timer = window.setTimeout(() => setSlow(true), SLOW_MS);
    let gone = false;
    const leave = (): void => {
      gone = true;
      running.current = '';
      shared.leave();
      window.clearTimeout(timer);
      setSlow(false);
    };
    const done = (failure: ApiError | undefined): void => {
      leave();
      settled.current = question;
      setLoading(false);
      setError(failure);
      report(failure);
    };
    stop.current = () => {
      leave();
      settled.current = question;
    };
    running.current = question;
    setLoading(true);
    shared.answer.then(
      (answer) => {
        if (gone) return;
        setData(answer);
        done(undefined);
      },
      (reason: unknown) => {
        if (!gone) done(reason instanceof ApiError ? reason : new ApiError('failed', { detail: String(reason) }));
      },
    );
    return leave;
  }, [key, tick, question, report, due]);

  const cancel = useCallback(() => {
    stop.current?.();
    setLoading(false);
  }, []);
  return { data, error, loading: loading && key !== null, slow, cancel };
}
