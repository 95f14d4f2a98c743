// SPDX-License-Identifier: Apache-2.0
// @vitest-environment node
import { parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import type { Sink } from '../src/lib/sink';
import { nanoseconds, writeParquet } from '../src/traffic/parquet';

function memory(): { sink: Sink; bytes: () => Uint8Array } {
  const pieces: Uint8Array[] = [];
  const nothing = (): Promise<void> => Promise.resolve();
  return {
    sink: { write: (p) => { if (typeof p !== 'string') pieces.push(p); return nothing(); }, close: nothing, abort: nothing },
    bytes: () => Uint8Array.from(pieces.flatMap((p) => [...p])),
  };
}

async function* piecesOf(...pieces: string[][]): AsyncGenerator<string[]> {
  for (const piece of pieces) yield await Promise.resolve(piece);
}

const read = async (bytes: Uint8Array): Promise<{ [column: string]: unknown }[]> =>
  parquetReadObjects({ file: bytes.slice().buffer });

describe('Parquet', () => {
  const fields = ['time', 'qname', 'latency_us', 'answers'];
  const row = { time: '2026-11-24T03:12:04.123456789Z', qname: '=1+1.example', latency_us: 340, answers: [{ name: 'a', type: 'A', ttl: 1, data: '192.0.2.1' }] };
  it('has a column for each field, absent ones are null', async () => {
    const { sink, bytes } = memory();
    await writeParquet(piecesOf([JSON.stringify(row)], [JSON.stringify({ time: '1970-01-01T00:00:01Z' })]), fields, sink);
    const rows = await read(bytes());
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({ qname: row.qname, latency_us: 340n, answers: row.answers });
    expect(rows[1]).toMatchObject({ qname: null, latency_us: null, answers: null });
  });
  it('keeps nanoseconds', () => {
    expect(nanoseconds(row.time)).toBe(BigInt(Date.parse('2026-11-24T03:12:04Z')) * 1_000_000n + 123456789n);
    expect(nanoseconds('1970-01-01T00:00:00.5Z')).toBe(500_000_000n);
  });
  it('is a file also without a row', async () => {
    const { sink, bytes } = memory();
    await writeParquet(piecesOf(), fields, sink);
    expect(await read(bytes())).toEqual([]);
  });
  it('passes more rows than a group has', async () => {
    const { sink, bytes } = memory();
    const lines = Array.from({ length: 45_000 }, (_, i) => JSON.stringify({ ...row, latency_us: i }));
    await writeParquet(piecesOf(lines), ['time', 'latency_us'], sink);
    const rows = await read(bytes());
    expect(rows).toHaveLength(45_000);
    expect(rows[44_999]).toMatchObject({ latency_us: 44_999n });
  });
});
