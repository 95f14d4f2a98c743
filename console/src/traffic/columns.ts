// SPDX-License-Identifier: Apache-2.0
// A column for every field of the record, and how its values are written.
import type { Transaction } from '../api/types';
import { formatBytes, formatLatency } from '../lib/format';
import { formatRecordTime, type Zone } from '../lib/time';
import { visible } from '../lib/visible';
import { texts } from '../texts';
import type { ColumnChoice } from '../url/state';

export interface Column {
  field: string;
  width: number;
  number?: boolean;
  mono?: boolean;
  /** Nested: sorted and filtered by another field or not at all. */
  filter?: string | null;
}

const column = (field: string, width: number, more: Partial<Column> = {}): Column => ({ field, width, ...more });

export const COLUMNS: readonly Column[] = [
  column('time', 116, { mono: true }),
  column('latency_us', 92, { number: true }),
  column('outcome', 116),
  column('rcode', 116),
  column('qname', 250),
  column('qtype', 76),
  column('client', 140),
  column('server', 140),
  column('comm', 120),
  column('answers', 220, { filter: 'answers.data' }),
  column('transport', 88),
  column('protocol', 84),
  column('client_port', 98, { number: true }),
  column('server_port', 98, { number: true }),
  column('id', 84, { number: true }),
  column('opcode', 90),
  column('flags', 110),
  column('qname_wire', 220),
  column('qclass', 70),
  column('answer_count', 112, { number: true }),
  column('authority_count', 128, { number: true }),
  column('additional_count', 132, { number: true }),
  column('min_ttl', 104, { number: true }),
  column('edns', 140, { filter: null }),
  column('query_bytes', 96, { number: true }),
  column('response_bytes', 116, { number: true }),
  column('retransmits', 124, { number: true }),
  column('interface', 100),
  column('netns', 140, { number: true }),
  column('hops', 70, { number: true, filter: null }),
  column('pid', 90, { number: true }),
  column('tid', 90, { number: true }),
  column('exe', 200),
  column('uid', 80, { number: true }),
  column('server_pid', 120, { number: true }),
  column('server_comm', 120),
  column('cgroup', 220),
  column('container_id', 140),
  column('unit', 180),
  column('pod', 180),
  column('namespace', 140),
  column('workload', 160),
  column('node', 140),
  column('drop_reason', 160),
  column('drop_location', 180),
  column('malformed', 220),
  column('marks', 180),
  column('icmp', 150),
  column('seq', 100, { number: true, filter: null }),
];

export const columnOf = (field: string): Column | undefined => COLUMNS.find((c) => c.field === field);

export const DEFAULT_COLUMNS: ColumnChoice[] = [
  'time', 'latency_us', 'outcome', 'rcode', 'qname', 'qtype', 'client', 'server', 'comm', 'answers',
].map((field) => ({ field }));

/** What fits on a phone. */
export const NARROW_COLUMNS: ColumnChoice[] = [
  { field: 'time', width: 100 }, { field: 'qname', width: 150 }, { field: 'latency_us', width: 80 },
  { field: 'rcode' }, { field: 'outcome' }, { field: 'comm' },
];

export const defaultColumns = (): ColumnChoice[] =>
  window.matchMedia('(max-width: 760px)').matches ? NARROW_COLUMNS : DEFAULT_COLUMNS;

function answersText(row: Transaction): string {
  const [first] = row.answers ?? [];
  if (!first) return '';
  const more = (row.answers?.length ?? 1) - 1;
  return more > 0 ? `${first.data}  +${more}` : first.data;
}

function ednsText(row: Transaction): string {
  if (!row.edns) return '';
  const ede = (row.edns.ede ?? []).map((e) => `EDE ${e.code}`);
  return [`${row.edns.udp_size} B`, ...(row.edns.do ? ['DO'] : []), ...ede].join(', ');
}

const plain = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value);

/** The text of a cell; "" when the value is absent. */
export function cellText(row: Transaction, field: string, zone: Zone, withDate: boolean): string {
  switch (field) {
    case 'time':
      return formatRecordTime(row.time, zone, 3, withDate);
    case 'latency_us':
      return row.latency_us === undefined ? '' : formatLatency(row.latency_us);
    case 'outcome':
      return texts.outcomes[row.outcome] ?? row.outcome;
    case 'answers':
      return visible(answersText(row));
    case 'edns':
      return ednsText(row);
    case 'hops':
      return row.hops ? String(row.hops.length) : '';
    case 'query_bytes':
    case 'response_bytes':
      return row[field] === undefined ? '' : formatBytes(row[field]);
    default: {
      const value = row[field as keyof Transaction];
      if (value === undefined) return '';
      return visible(Array.isArray(value) ? value.map(plain).join(' ') : plain(value));
    }
  }
}

/** What a filter by this cell asks for; undefined: it cannot be filtered by. */
export function filterOf(row: Transaction, column: Column): { field: string; value: string | null } | undefined {
  if (column.filter === null) return undefined;
  const field = column.filter ?? column.field;
  if (field === 'answers.data') return { field, value: row.answers?.[0]?.data ?? null };
  const value = row[column.field as keyof Transaction];
  if (value === undefined) return { field, value: null };
  if (Array.isArray(value)) {
    const [first] = value;
    return typeof first === 'string' ? { field, value: first } : undefined;
  }
  return { field, value: field === 'latency_us' ? `${plain(value)}us` : plain(value) };
}
