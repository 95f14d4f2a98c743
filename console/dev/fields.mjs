// SPDX-License-Identifier: Apache-2.0

const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED', 'YXDOMAIN', 'NOTAUTH', 'BADVERS'];
const OUTCOMES = ['answered', 'timeout', 'icmp_refused', 'dropped', 'unsolicited', 'unseen'];
const TYPES = ['A', 'NS', 'CNAME', 'SOA', 'PTR', 'MX', 'TXT', 'AAAA', 'SRV', 'HTTPS', 'SVCB', 'DS', 'DNSKEY'];
const code = (values) => ({ type: 'enum', values });

const LIST = {
  time: { type: 'time', help: 'when the query was first seen' },
  latency_us: { type: 'duration', alias: 'latency', help: 'from the first query to the response' },
  outcome: { ...code(OUTCOMES), help: 'how the transaction ended' },
  protocol: { ...code(['dns', 'mdns', 'llmnr']), help: 'dns, mdns or llmnr' },
  transport: { ...code(['udp', 'tcp', 'tls', 'https', 'quic']), help: 'udp, tcp, tls, https or quic' },
  client: { type: 'address', help: 'address that asked' },
  client_port: { type: 'number', help: 'port of the client' },
  server: { type: 'address', help: 'address that was asked' },
  server_port: { type: 'number', help: 'port of the server' },
  id: { type: 'number', help: 'id in the DNS header' },
  opcode: { ...code(['QUERY', 'NOTIFY', 'UPDATE']), help: 'QUERY, NOTIFY, UPDATE, ...' },
  flags: { type: 'set', values: ['aa', 'tc', 'rd', 'ra', 'z', 'ad', 'cd'], help: 'header flags of the response' },
  rcode: { ...code(RCODES), help: 'response code with its EDNS bits' },
  qname: { type: 'text', help: 'name asked for, in lower case' },
  qname_wire: { type: 'text', help: 'the same as seen, when its case differs' },
  qtype: { ...code(TYPES), help: 'type asked for' },
  qclass: { ...code(['IN', 'CH', 'ANY']), help: 'class asked for' },
  'answers.name': { type: 'text', help: 'owner name of a record in the answer section' },
  'answers.type': { ...code(TYPES), help: 'type of a record in the answer section' },
  'answers.ttl': { type: 'number', help: 'time to live of a record in the answer section' },
  'answers.data': { type: 'text', alias: 'answers', help: 'data of a record in the answer section' },
  authority_count: { type: 'number', help: 'records in the authority section' },
  additional_count: { type: 'number', help: 'records in the additional section' },
  answer_count: { type: 'number', help: 'records in the answer section' },
  min_ttl: { type: 'number', help: 'smallest time to live of the answer section, in s' },
  'edns.udp_size': { type: 'number', help: 'largest UDP message its sender takes' },
  'edns.do': { type: 'bool', help: 'DNSSEC OK bit' },
  'edns.ede': { type: 'enum', help: 'extended DNS error, by code or name' },
  query_bytes: { type: 'number', help: "size of the query's DNS message" },
  response_bytes: { type: 'number', help: "size of the response's DNS message" },
  retransmits: { type: 'number', help: 'further copies of the query' },
  interface: { type: 'text', help: 'interface nearest the client' },
  netns: { type: 'number', help: 'its network namespace (inode number)' },
  pid: { type: 'number', help: 'process that asked' },
  tid: { type: 'number', help: 'its thread' },
  comm: { type: 'text', help: 'its name, at most 15 bytes' },
  exe: { type: 'text', help: 'path of its executable' },
  uid: { type: 'number', help: 'its user id' },
  server_pid: { type: 'number', help: 'process that answers, when on this host' },
  server_comm: { type: 'text', help: 'its name' },
  cgroup: { type: 'text', help: 'cgroup path of the process that asked' },
  container_id: { type: 'text', help: 'container id read from it' },
  unit: { type: 'text', help: 'systemd unit read from it' },
  node: { type: 'text', help: 'Kubernetes node, or host name' },
  drop_reason: { type: 'text', help: 'why the kernel dropped a packet of it' },
  drop_location: { type: 'text', help: 'where it did' },
  malformed: { type: 'text', help: 'why a message did not parse' },
  marks: { type: 'set', values: ['duplicate_response', 'late_response', 'cut', 'reassembled'], help: 'what was odd' },
  icmp: { type: 'text', help: 'what the ICMP message that ended it said' },
  domain: { type: 'text', derived: true, help: 'registered domain of the name asked for, by the public suffix list' },
  suffix: { type: 'text', derived: true, help: 'what follows the first label of the name asked for' },
};

const MANY = /^(answers|flags|marks|edns|hops)/;
export const FIELDS = Object.entries(LIST).map(([name, f]) => ({
  name, alias: f.alias ?? null, type: f.type, help: f.help, groupable: !MANY.test(name) && name !== 'time',
  orderable: !MANY.test(name), derived: f.derived ?? false, values: f.values ?? [],
}));

/** The values a row has of a field; none when it is absent. */
export function valuesOf(row, field) {
  const [first, second] = field.name.split('.');
  if (first === 'answers') return (row.answers ?? []).map((a) => a[second]);
  const value = second ? row.edns?.[second] : row[first];
  if (value === undefined) return [];
  if (field.name === 'time') return [Date.parse(value)];
  return Array.isArray(value) ? value.map((v) => v.code ?? v) : [value];
}
