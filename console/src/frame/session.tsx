// SPDX-License-Identifier: Apache-2.0
// What all views share: the range of this refresh, the connection to the agent, and the theme.
import {
  createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode,
} from 'react';
import { apiGet, type ApiError } from '../api/client';
import type { Field, Status } from '../api/types';
import { isRelative } from '../lib/time';
import { rangeOf, type Range } from '../lib/range';
import type { Theme } from '../lib/palette';
import { useView } from '../url/use_view';
import type { Refresh } from '../url/state';
import { useTheme, type ThemeChoice } from './theme';

export type Connection = 'up' | 'gone' | 'token';

export interface Session {
  range: Range;
  /** Grows with each refresh: queries depend on it. */
  tick: number;
  refresh: () => void;
  connection: Connection;
  /** Told by every query; undefined: it was answered. */
  report: (error: ApiError | undefined) => void;
  status: Status | undefined;
  fields: Field[];
  theme: Theme;
  themeChoice: ThemeChoice;
  setTheme: (choice: ThemeChoice) => void;
}

const Context = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error('no session');
  return session;
}

const RETRY_MS = 3000;

/** In live mode charts follow every 5 s; the table streams. */
const EVERY_MS: { [refresh in Refresh]: number } = {
  off: 0, live: 5e3, '5s': 5e3, '15s': 15e3, '30s': 30e3, '1m': 60e3, '5m': 300e3, '15m': 900e3,
};

/** A range whose end is fixed does not change: no use in asking again. */
function useTicks(until: string, refresh: Refresh, connection: Connection): [number, () => void] {
  const [tick, setTick] = useState(0);
  const next = useCallback(() => setTick((t) => t + 1), []);
  const every = isRelative(until) && connection === 'up' ? EVERY_MS[refresh] : 0;
  useEffect(() => {
    if (!every) return undefined;
    const timer = window.setInterval(() => {
      if (!document.hidden) next();
    }, every);
    return () => window.clearInterval(timer);
  }, [every, next]);
  return [tick, next];
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const [view] = useView();
  const [connection, setConnection] = useState<Connection>('up');
  const [status, setStatus] = useState<Status>();
  const [fields, setFields] = useState<Field[]>([]);
  const { theme, choice, choose } = useTheme();
  const [tick, refresh] = useTicks(view.until, view.refresh, connection);
  // eslint-disable-next-line react-hooks/exhaustive-deps -- a new tick is a new "now"
  const range = useMemo(() => rangeOf(view.from, view.until, Date.now()), [view.from, view.until, tick]);

  const report = useCallback((error: ApiError | undefined) => {
    if (error === undefined) setConnection('up');
    else if (error.failure === 'gone' || error.failure === 'token') setConnection(error.failure);
  }, []);

  const haveFields = useRef(false);
  const ask = useCallback(
    async (signal: AbortSignal) => {
      try {
        if (!haveFields.current) {
          setFields((await apiGet<{ fields: Field[] }>('fields', {}, signal)).fields);
          haveFields.current = true;
        }
        setStatus(await apiGet<Status>('status', {}, signal));
        report(undefined);
        return true;
      } catch (error) {
        if (!signal.aborted) report(error as ApiError);
        return false;
      }
    },
    [report],
  );

  useEffect(() => {
    const stop = new AbortController();
    void ask(stop.signal);
    return () => stop.abort();
  }, [ask, tick]);

  useEffect(() => {
    if (connection !== 'gone') return undefined;
    const stop = new AbortController();
    const timer = window.setInterval(() => {
      void ask(stop.signal).then((ok) => ok && refresh());
    }, RETRY_MS);
    return () => {
      stop.abort();
      window.clearInterval(timer);
    };
  }, [connection, ask, refresh]);

  const session = useMemo<Session>(
    () => ({
      range, tick, refresh, connection, report, status, fields, theme, themeChoice: choice,
      setTheme: choose,
    }),
    [range, tick, refresh, connection, report, status, fields, theme, choice, choose],
  );
  return <Context.Provider value={session}>{children}</Context.Provider>;
}
