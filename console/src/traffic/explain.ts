// SPDX-License-Identifier: Apache-2.0
// What happened, in a sentence.
import type { Transaction } from '../api/types';
import { formatLatency } from '../lib/format';
import { visible } from '../lib/visible';
import { texts } from '../texts';

const t = texts.explain;

function question(row: Transaction): string {
  const who = row.comm ? t.process(visible(row.comm), row.pid) : visible(row.client);
  const server = row.server_comm ? `${row.server} (${visible(row.server_comm)})` : row.server;
  const what = row.qname === undefined ? t.unreadable : t.asksFor(row.qtype ?? '?', visible(row.qname || '.'));
  return t.asked(who, server, what, row.transport.toUpperCase());
}

function answered(row: Transaction): string {
  const count = row.answers?.length ?? row.answer_count ?? 0;
  const after = formatLatency(row.latency_us);
  if (row.rcode === 'NOERROR') return count > 0 ? t.records(count, after) : t.empty(after);
  return t.code(row.rcode ?? '?', t.rcodes[row.rcode ?? ''] ?? t.otherCode, after);
}

function outcome(row: Transaction): string {
  switch (row.outcome) {
    case 'answered':
      return answered(row);
    case 'timeout':
      return t.timeout((row.retransmits ?? 0) + 1);
    case 'icmp_refused':
      return t.icmp((row.icmp ?? '?').replaceAll('_', ' '));
    case 'dropped':
      return t.dropped(visible(row.drop_reason ?? '?'), visible(row.drop_location ?? '?'));
    case 'unsolicited':
      return t.unsolicited;
    default:
      return t.unseen;
  }
}

/** Two or three sentences for a person who does not know the fields. */
export function explain(row: Transaction): string {
  const extra: string[] = [];
  if (row.outcome === 'answered' && (row.retransmits ?? 0) > 0) extra.push(t.retransmitted(row.retransmits ?? 0));
  if (row.flags?.includes('tc')) extra.push(t.truncated);
  for (const mark of row.marks ?? []) extra.push(t.marks[mark] ?? visible(mark));
  for (const e of row.edns?.ede ?? []) extra.push(t.ede(e.code, visible(e.text ?? ''), visible(e.extra ?? '')));
  if (row.malformed) extra.push(t.malformed(visible(row.malformed)));
  return [question(row), outcome(row), ...extra].join(' ');
}
