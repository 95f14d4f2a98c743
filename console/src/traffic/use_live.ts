// SPDX-License-Identifier: Apache-2.0
import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError } from '../api/client';
import { readLive } from '../api/live';
import type { Transaction } from '../api/types';
import { useSession } from '../frame/session';

export interface Live {
  /** Newest first. */
  rows: Transaction[];
  /** Arrived while the reader had scrolled away. */
  waiting: number;
  missed: number;
  connected: boolean;
  show: () => void;
}

const MOST = 5000;
const SHOW_EVERY_MS = 250;
const RETRY_MS = 2000;

const wait = (ms: number): Promise<void> => new Promise((done) => window.setTimeout(done, ms));

/** New transactions as they come. While `paused`, they wait. */
export function useLive(on: boolean, filter: string, paused: boolean): Live {
  const { report } = useSession();
  const [rows, setRows] = useState<Transaction[]>([]);
  const [waiting, setWaiting] = useState(0);
  const [missed, setMissed] = useState(0);
  const [connected, setConnected] = useState(false);
  const queue = useRef<Transaction[]>([]);
  const isPaused = useRef(paused);
  isPaused.current = paused;

  const show = useCallback(() => {
    const fresh = queue.current.reverse();
    queue.current = [];
    setWaiting(0);
    if (fresh.length > 0) setRows((old) => [...fresh, ...old].slice(0, MOST));
  }, []);

  useEffect(() => {
    queue.current = [];
    setRows([]);
    setWaiting(0);
    setMissed(0);
    if (!on) return undefined;
    const stop = new AbortController();
    const sink = {
      transaction: (row: Transaction) => {
        queue.current.push(row);
        if (queue.current.length > MOST) queue.current.shift();
      },
      missed: (count: number) => setMissed((n) => n + count),
    };
    const run = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        try {
          setConnected(true);
          await readLive(filter, sink, stop.signal);
        } catch (error) {
          if (error instanceof ApiError) report(error);
          if (error instanceof ApiError && error.failure !== 'gone') return;
        }
        setConnected(false);
        await wait(RETRY_MS);
      }
    };
    void run();
    const timer = window.setInterval(() => {
      if (isPaused.current) setWaiting(queue.current.length);
      else show();
    }, SHOW_EVERY_MS);
    return () => {
      stop.abort();
      window.clearInterval(timer);
      setConnected(false);
    };
  }, [on, filter, report, show]);
  return { rows, waiting, missed, connected, show };
}
