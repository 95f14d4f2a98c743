// SPDX-License-Identifier: Apache-2.0
import { apiFetch, apiPath } from '../api/client';
import type { Transaction } from '../api/types';
import { csvLine } from '../lib/csv';

export type ExportFormat = 'csv' | 'ndjson';

export interface ExportRequest {
  format: ExportFormat;
  /** Fields that become columns of the CSV. */
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

/** Everything that matches, piece by piece. `progress` is told the number of rows so far. */
export async function exportRows(request: ExportRequest, progress: (rows: number) => void, signal: AbortSignal): Promise<BlobPart[]> {
  const response = await apiFetch(apiPath('transactions', { ...request.params, format: 'ndjson' }), { signal });
  const reader = response.body?.getReader();
  const parts: BlobPart[] = request.format === 'csv' ? [csvLine(request.fields)] : [];
  if (!reader) return parts;
  const text = new TextDecoder();
  const cutter = new LineCutter();
  let rows = 0;
  const take = (lines: string[]): void => {
    rows += lines.length;
    const piece = request.format === 'csv'
      ? lines.map((line) => csvRow(JSON.parse(line) as Transaction, request.fields)).join('')
      : lines.map((line) => `${line}\n`).join('');
    if (piece) parts.push(piece);
  };
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    take(cutter.push(text.decode(value, { stream: true })));
    progress(rows);
  }
  take(cutter.end());
  progress(rows);
  return parts;
}
