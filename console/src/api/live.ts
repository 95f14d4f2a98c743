// SPDX-License-Identifier: Apache-2.0
// Server-sent events through fetch: EventSource cannot send the bearer token.
import { apiFetch, apiPath } from './client';
import type { Transaction } from './types';

export interface LiveSink {
  transaction(row: Transaction): void;
  missed(count: number): void;
}

/** Cuts a text stream into events. What is incomplete is kept for the next piece. */
export class EventCutter {
  private rest = '';

  push(piece: string, each: (event: string, data: string) => void): void {
    this.rest += piece;
    const blocks = this.rest.split(/\r?\n\r?\n/);
    this.rest = blocks.pop() ?? '';
    for (const block of blocks) {
      let event = 'message';
      const data: string[] = [];
      for (const line of block.split(/\r?\n/)) {
        if (line.startsWith('event:')) event = line.slice(6).trim();
        else if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
      }
      if (data.length > 0) each(event, data.join('\n'));
    }
  }
}

/** Runs until the stream ends, fails (ApiError) or is aborted. */
export async function readLive(filter: string, sink: LiveSink, signal: AbortSignal): Promise<void> {
  const response = await apiFetch(apiPath('live', { filter }), {
    signal,
    headers: { Accept: 'text/event-stream' },
  });
  const reader = response.body?.getReader();
  if (!reader) return;
  const text = new TextDecoder();
  const cutter = new EventCutter();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    cutter.push(text.decode(value, { stream: true }), (event, data) => {
      if (event === 'transaction') sink.transaction(JSON.parse(data) as Transaction);
      else if (event === 'missed') sink.missed((JSON.parse(data) as { count: number }).count);
    });
  }
}
