// SPDX-License-Identifier: Apache-2.0
// What tells a transaction from all others: its seq in the store, or, in the live stream, which comes
// before the store, its moment with port and id.
import type { Transaction } from '../api/types';
import type { Params } from '../api/client';

const MOMENT = /^(\d{4}-[^_]+)_(\d+)_(\d*)$/;

/** The same for a row of the stream and for the same row out of the store. */
export const identity = (row: Transaction): string => `${row.time}_${row.client_port}_${row.id ?? ''}`;

export const rowKey = (row: Transaction): string => (row.seq ? String(row.seq) : identity(row));

/** How to ask the agent for it; null: not a key. */
export function requestFor(key: string): { path: string; params: Params } | null {
  if (/^\d+$/.test(key)) return { path: `transaction/${key}`, params: {} };
  const [, time, port, id] = MOMENT.exec(key) ?? [];
  const ms = Date.parse(time ?? '');
  if (!time || !Number.isFinite(ms)) return null;
  const filter = `client_port=${port ?? ''} ${id ? `id=${id}` : 'id=null'}`;
  return { path: 'transactions', params: { from: time, until: new Date(ms + 2).toISOString(), limit: 1, order: 'time', filter } };
}
