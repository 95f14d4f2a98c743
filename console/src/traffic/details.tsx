// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
import type { Hop, Transaction } from '../api/types';
import { below, useFilterMenu } from '../filter/filter_menu';
import { formatBytes, formatLatency } from '../lib/format';
import { outcomeColor, rcodeColor } from '../lib/palette';
import { formatRecordTime, type Zone } from '../lib/time';
import { visible } from '../lib/visible';
import { useSession } from '../frame/session';
import { texts } from '../texts';
import { explain } from './explain';

const d = texts.details;

/** A value with its menu. */
function Value({ field, value, text, color }: { field: string; value: string | number | undefined; text?: string; color?: string }) {
  const open = useFilterMenu();
  if (value === undefined) return null;
  return (
    <button type="button" className="nf-link nf-value" onClick={(e) => open({ field, value: String(value), ...below(e.currentTarget) })}>
      {color ? <span className="nf-dot" style={{ background: color }} /> : null}
      {text ?? visible(String(value))}
    </button>
  );
}

function Facts({ title, facts }: { title: string; facts: [string, ReactNode][] }) {
  const known = facts.filter(([, value]) => value !== undefined && value !== null);
  if (known.length === 0) return null;
  return (
    <section className="nf-section">
      <h3>{title}</h3>
      <dl className="nf-facts">
        {known.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
      </dl>
    </section>
  );
}

/** undefined when the field is absent, so that the line is left out. */
function link(row: Transaction, field: keyof Transaction, text?: string): ReactNode {
  const value = row[field];
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  return <Value field={field} value={value} {...(text ? { text } : {})} />;
}

function Answers({ row }: { row: Transaction }) {
  const answers = row.answers ?? [];
  if (answers.length === 0) return null;
  return (
    <section className="nf-section">
      <h3>{d.answers(answers.length)}</h3>
      <div className="nf-scroll" tabIndex={0} role="region" aria-label={d.answers(answers.length)}>
        <table className="nf-table">
          <thead><tr><th scope="col">{d.name}</th><th scope="col">{d.type}</th><th scope="col" className="nf-num">TTL</th><th scope="col">{d.data}</th></tr></thead>
          <tbody>
            {answers.map((a, i) => (
              <tr key={i}>
                <td className="nf-break">{visible(a.name)}</td>
                <td>{visible(a.type)}</td>
                <td className="nf-num">{a.ttl}</td>
                <td className="nf-break"><Value field="answers.data" value={a.data} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Flags({ row }: { row: Transaction }) {
  if (!row.flags?.length) return null;
  return (
    <section className="nf-section">
      <h3>{d.flags}</h3>
      <ul className="nf-plain">
        {row.flags.map((f) => <li key={f}><Value field="flags" value={f} text={f.toUpperCase()} /> {d.flag[f] ?? ''}</li>)}
      </ul>
    </section>
  );
}

/** Each place that saw the query and its answer: how long the rest of the way took from there. */
function Waterfall({ hops, total }: { hops: Hop[]; total: number }) {
  return (
    <section className="nf-section">
      <h3>{d.hops}</h3>
      <ol className="nf-waterfall">
        {hops.map((h, i) => {
          const latency = h.latency_us;
          const width = latency === undefined || total <= 0 ? 0 : Math.min((latency / total) * 100, 100);
          return (
            <li key={i}>
              <span className="nf-waterfall__name">{visible(h.interface ?? '?')}</span>
              <span className="nf-waterfall__bar"><span style={{ marginLeft: `${(100 - width) / 2}%`, width: `${width}%` }} /></span>
              <span className="nf-num">{formatLatency(latency)}</span>
            </li>
          );
        })}
      </ol>
      <p className="nf-dim nf-note">{d.hopsHelp}</p>
    </section>
  );
}

function ednsFacts(row: Transaction): [string, ReactNode][] {
  const e = row.edns;
  if (!e) return [];
  return [
    [d.version, e.version], [d.udpSize, formatBytes(e.udp_size)], ['DNSSEC OK', e.do ? d.yes : d.no],
    [d.ecs, e.ecs && visible(e.ecs)], ['NSID', e.nsid && visible(e.nsid)], [d.cookie, e.cookie && visible(e.cookie)],
    [d.keepalive, e.keepalive === undefined ? undefined : `${e.keepalive} ms`], [d.padding, e.padding === undefined ? undefined : formatBytes(e.padding)],
    [d.ede, e.ede?.length ? e.ede.map((x) => `${x.code} ${visible(x.text ?? '')}${x.extra ? ` (${visible(x.extra)})` : ''}`).join('; ') : undefined],
  ];
}

export function Details({ row, zone }: { row: Transaction; zone: Zone }) {
  const { theme } = useSession();
  const size = (n: number | undefined): string | undefined => (n === undefined ? undefined : formatBytes(n));
  return (
    <div className="nf-details">
      <p className="nf-explain">{explain(row)}</p>
      <Facts
        title={d.summary}
        facts={[
          [texts.field('time'), formatRecordTime(row.time, zone, 6, true)],
          [texts.field('latency_us'), row.latency_us === undefined ? undefined : formatLatency(row.latency_us)],
          [texts.field('outcome'), <Value key="o" field="outcome" value={row.outcome} text={texts.outcomes[row.outcome] ?? row.outcome} color={outcomeColor(row.outcome, theme)} />],
          [texts.field('rcode'), row.rcode ? <Value key="r" field="rcode" value={row.rcode} color={rcodeColor(row.rcode, theme)} /> : undefined],
          [texts.field('retransmits'), row.retransmits ? row.retransmits : undefined],
          [texts.field('icmp'), link(row, 'icmp')], [texts.field('drop_reason'), link(row, 'drop_reason')],
          [texts.field('drop_location'), link(row, 'drop_location')], [texts.field('malformed'), row.malformed && visible(row.malformed)],
          [texts.field('marks'), row.marks?.length ? row.marks.map((m) => <Value key={m} field="marks" value={m} />) : undefined],
        ]}
      />
      <Facts
        title={d.question}
        facts={[
          [texts.field('qname'), link(row, 'qname')], [texts.field('qname_wire'), link(row, 'qname_wire')],
          [texts.field('qtype'), link(row, 'qtype')], [texts.field('qclass'), link(row, 'qclass')], [texts.field('opcode'), link(row, 'opcode')],
          [texts.field('id'), row.id === undefined ? undefined : <Value key="i" field="id" value={row.id} text={`${row.id} (0x${row.id.toString(16).padStart(4, '0')})`} />],
        ]}
      />
      <Answers row={row} />
      <Flags row={row} />
      {row.hops && row.hops.length > 0 ? <Waterfall hops={row.hops} total={row.latency_us ?? Math.max(...row.hops.map((h) => h.latency_us ?? 0))} /> : null}
      <Facts
        title={d.who}
        facts={(['comm', 'pid', 'tid', 'exe', 'uid', 'unit', 'container_id', 'cgroup', 'pod', 'namespace', 'workload', 'node'] as const).map((f) => [texts.field(f), link(row, f)])}
      />
      <Facts
        title={d.path}
        facts={[
          [texts.field('client'), <span key="c"><Value field="client" value={row.client} /> : {row.client_port}</span>],
          [texts.field('server'), <span key="s"><Value field="server" value={row.server} /> : {row.server_port}</span>],
          [texts.field('server_comm'), link(row, 'server_comm')], [texts.field('server_pid'), link(row, 'server_pid')],
          [texts.field('transport'), link(row, 'transport')], [texts.field('protocol'), link(row, 'protocol')],
          [texts.field('interface'), link(row, 'interface')], [texts.field('netns'), link(row, 'netns')],
          [texts.field('query_bytes'), size(row.query_bytes)], [texts.field('response_bytes'), size(row.response_bytes)],
          [texts.field('answer_count'), row.answer_count], [texts.field('authority_count'), row.authority_count],
          [texts.field('additional_count'), row.additional_count], [texts.field('min_ttl'), row.min_ttl === undefined ? undefined : `${row.min_ttl} s`],
        ]}
      />
      <Facts title="EDNS" facts={ednsFacts(row)} />
    </div>
  );
}
