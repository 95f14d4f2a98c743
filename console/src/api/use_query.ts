// SPDX-License-Identifier: Apache-2.0
import { useCallback, useEffect, useRef, useState } from 'react';
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

/** Asks again at each refresh and whenever path or parameters change. null: does not ask. */
export function useQuery<T>(path: string | null, params: Params): Query<T> {
  const { tick, report } = useSession();
  const [data, setData] = useState<T>();
  const [error, setError] = useState<ApiError>();
  const [loading, setLoading] = useState(path !== null);
  const [slow, setSlow] = useState(false);
  const stop = useRef<() => void>();
  const key = path === null ? null : JSON.stringify([path, params]);

  useEffect(() => {
    if (key === null) return undefined;
    const [askedPath, askedParams] = JSON.parse(key) as [string, Params];
    const shared = askShared<T>(askedPath, askedParams, tick);
    let gone = false;
    stop.current = () => {
      gone = true;
      shared.leave();
    };
    setLoading(true);
    const timer = window.setTimeout(() => setSlow(true), SLOW_MS);
    const done = (): void => {
      window.clearTimeout(timer);
      setSlow(false);
      setLoading(false);
    };
    shared.answer.then(
      (answer) => {
        if (gone) return;
        setData(answer);
        setError(undefined);
        report(undefined);
        done();
      },
      (reason: unknown) => {
        if (gone) return;
        const failure = reason instanceof ApiError ? reason : new ApiError('failed', { detail: String(reason) });
        setError(failure);
        report(failure);
        done();
      },
    );
    return () => {
      gone = true;
      shared.leave();
      done();
    };
  }, [key, tick, report]);

  const cancel = useCallback(() => {
    stop.current?.();
    setLoading(false);
    setSlow(false);
  }, []);
  return { data, error, loading, slow, cancel };
}
