// SPDX-License-Identifier: Apache-2.0
import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError, apiGet } from '../api/client';
import type { Transaction, TransactionsPage } from '../api/types';
import { useSession } from '../frame/session';
import { rangeParams } from '../lib/range';
import { useView } from '../url/use_view';

export interface Rows {
  rows: Transaction[];
  /** There are further ones behind these. */
  more: boolean;
  loading: boolean;
  slow: boolean;
  loaded: boolean;
  error: ApiError | undefined;
  loadMore: () => void;
  cancel: () => void;
}

/** The first page is small, to be there at once; who scrolls on gets more at a time. */
const FIRST_PAGE = 200;
const PAGE = 1000;
const SLOW_MS = 1000;

interface State {
  rows: Transaction[];
  next: string | undefined;
  /** The range of the first page: the following ones are of the same. */
  params: { [name: string]: string };
  loaded: boolean;
}

const EMPTY: State = { rows: [], next: undefined, params: {}, loaded: false };

/** Transactions page by page. A refresh starts anew, unless the reader has scrolled away (`hold`). */
export function useRows(hold: boolean): Rows {
  const [view] = useView();
  const { range, report } = useSession();
  const [state, setState] = useState<State>(EMPTY);
  const [loading, setLoading] = useState(false);
  const [slow, setSlow] = useState(false);
  const [error, setError] = useState<ApiError>();
  const running = useRef<AbortController>();

  const ask = useCallback(
    async (params: { [name: string]: string }, before: State | undefined) => {
      running.current?.abort();
      const stop = new AbortController();
      running.current = stop;
      setLoading(true);
      const timer = window.setTimeout(() => setSlow(true), SLOW_MS);
      try {
        const page = await apiGet<TransactionsPage>('transactions', { ...params, limit: before ? PAGE : FIRST_PAGE, after: before?.next }, stop.signal);
        if (stop.signal.aborted) return;
        setState({ rows: [...(before?.rows ?? []), ...page.transactions], next: page.next, params, loaded: true });
        setError(undefined);
        report(undefined);
      } catch (reason) {
        if (stop.signal.aborted) return;
        const failure = reason instanceof ApiError ? reason : new ApiError('failed', { detail: String(reason) });
        setError(failure);
        report(failure);
      } finally {
        window.clearTimeout(timer);
        if (running.current === stop) {
          setLoading(false);
          setSlow(false);
        }
      }
    },
    [report],
  );

  // What is asked for changed: anew in any case. Time went on: only if nobody is reading.
  const question = JSON.stringify([view.filter, view.order, view.from, view.until]);
  const asked = useRef('');
  useEffect(() => {
    if (hold && asked.current === question) return;
    asked.current = question;
    void ask({ ...rangeParams(range), filter: view.filter, order: view.order }, undefined);
    // `hold` alone asks nothing.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [question, range, ask]);
  useEffect(() => () => running.current?.abort(), []);

  const loadMore = useCallback(() => {
    if (!loading && state.next !== undefined && !error) void ask(state.params, state);
  }, [ask, error, loading, state]);
  const cancel = useCallback(() => {
    running.current?.abort();
    setLoading(false);
    setSlow(false);
  }, []);
  return { rows: state.rows, more: state.next !== undefined, loading, slow, loaded: state.loaded, error, loadMore, cancel };
}
