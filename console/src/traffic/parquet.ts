// SPDX-License-Identifier: Apache-2.0
// Transactions as Parquet, written here: so it is there with every store, and streams. In a file of
// its own, as hardly anybody needs it.
import { ByteWriter, parquetWriteRows } from 'hyparquet-writer';
import type { Transaction } from '../api/types';
import type { Sink } from '../lib/sink';
import { columnOf } from './columns';

/** So many rows are held in memory at a time. */
const GROUP_ROWS = 20_000;
/** Lists and structs. */
const NESTED = new Set(['answers', 'edns', 'flags', 'marks', 'hops']);

type Cell = string | bigint | object | undefined;
type Columns = Parameters<typeof parquetWriteRows>[0];

/** "2026-11-24T03:12:04.123456789Z" in nanoseconds since 1970. */
export function nanoseconds(time: string): bigint {
  const fraction = (/\.(\d+)/.exec(time)?.[1] ?? '').padEnd(9, '0').slice(0, 9);
  const seconds = Math.floor(Date.parse(time.replace(/\.\d+/, '')) / 1000);
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction);
}

function schemaOf(fields: string[]): NonNullable<Columns['schema']> {
  return [
    { name: 'transactions', num_children: fields.length },
    ...fields.map((name) => {
      const column = { name, repetition_type: 'OPTIONAL' as const };
      if (name === 'time') {
        return { ...column, type: 'INT64' as const, logical_type: { type: 'TIMESTAMP' as const, isAdjustedToUTC: true, unit: 'NANOS' as const } };
      }
      if (NESTED.has(name)) return { ...column, type: 'BYTE_ARRAY' as const, converted_type: 'JSON' as const };
      if (columnOf(name)?.number) return { ...column, type: 'INT64' as const };
      return { ...column, type: 'BYTE_ARRAY' as const, converted_type: 'UTF8' as const };
    }),
  ];
}

function cellOf(row: Transaction, field: string): Cell {
  const value = row[field as keyof Transaction];
  if (field === 'time') return nanoseconds(row.time);
  return typeof value === 'number' ? BigInt(value) : value;
}

async function* recordsOf(lines: AsyncIterable<string[]>, fields: string[]): AsyncGenerator<{ [field: string]: Cell }> {
  for await (const piece of lines) {
    for (const line of piece) {
      const row = JSON.parse(line) as Transaction;
      yield Object.fromEntries(fields.map((f) => [f, cellOf(row, f)]));
    }
  }
}

export async function writeParquet(lines: AsyncIterable<string[]>, fields: string[], sink: Sink): Promise<void> {
  const writer = new ByteWriter();
  const hand = (): Promise<void> => {
    const piece = writer.getBytes().slice();
    writer.index = 0;
    return sink.write(piece);
  };
  await parquetWriteRows({
    writer: Object.assign(writer, { flush: hand, finish: hand }), rows: recordsOf(lines, fields), columns: fields.map((name) => ({ name })),
    schema: schemaOf(fields), rowGroupSize: GROUP_ROWS, createdBy: 'nameflow',
  });
}
