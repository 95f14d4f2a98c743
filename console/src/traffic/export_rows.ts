// SPDX-License-Identifier: Apache-2.0
import { apiFetch, apiPath } from '../api/client';
import type { Transaction } from '../api/types';
import { csvLine } from '../lib/csv';
import type { Sink } from '../lib/sink';

export type ExportFormat = 'csv' | 'ndjson' | 'parquet';

export interface ExportRequest {
  format: ExportFormat;
  /** Fields that become columns; JSON lines have them all. */
  fields: string[];
  params: { [name: string]: string };
}

/** Cuts a stream of text into lines; what is incomplete waits for the next piece. */
export class LineCutter {
  private rest = '';

  push(piece: string): string[] {
    const lines = (this.rest + piece).split('\n');
    this.rest = lines.pop() ?? '';
    return lines.filter((line) => line !== '');
  }

  end(): string[] {
    const rest = this.rest;
    this.rest = '';
    return rest ? [rest] : [];
  }
}

/** A line of CSV: cells that a spreadsheet would run as formulas are made harmless. */
export function csvRow(row: Transaction, fields: string[]): string {
  return csvLine(fields.map((f) => row[f as keyof Transaction]));
}

async function* linesOf(request: ExportRequest, signal: AbortSignal): AsyncGenerator<string[]> {
  const response = await apiFetch(apiPath('transactions', { ...request.params, format: 'ndjson' }), { signal });
  const reader = response.body?.getReader();
  if (!reader) return;
  const text = new TextDecoder();
  const cutter = new LineCutter();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    yield cutter.push(text.decode(value, { stream: true }));
  }
  yield cutter.end();
}

/** Everything that matches, piece by piece into the sink, no faster than it takes them. `progress` is
 * told the number of rows so far. The sink stays open. */
export async function exportRows(request: ExportRequest, sink: Sink, progress: (rows: number) => void, signal: AbortSignal): Promise<void> {
  let rows = 0;
  const counted = async function* (): AsyncGenerator<string[]> {
    for await (const lines of linesOf(request, signal)) {
      rows += lines.length;
      progress(rows);
      if (lines.length > 0) yield lines;
    }
  };
  if (request.format === 'parquet') {
    const { writeParquet } = await import('./parquet');
    await writeParquet(counted(), request.fields, sink);
    return;
  }
  if (request.format === 'csv') await sink.write(csvLine(request.fields));
  for await (const lines of counted()) {
    await sink.write(request.format === 'csv'
      ? lines.map((line) => csvRow(JSON.parse(line) as Transaction, request.fields)).join('')
      : lines.map((line) => `${line}\n`).join(''));
  }
}
