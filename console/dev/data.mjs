// SPDX-License-Identifier: Apache-2.0
// Transactions made from a seed: the same ones each time, relative to the moment they end at.

/** Small, fast and repeatable (mulberry32). */
export function random(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = a;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const PROCESSES = [
  ['curl', '/usr/bin/curl', 'user@1000.service'], ['node', '/usr/bin/node', 'shop-frontend.service'],
  ['java', '/usr/lib/jvm/bin/java', 'orders.service'], ['postfix', '/usr/lib/postfix/smtp', 'postfix.service'],
  ['chronyd', '/usr/sbin/chronyd', 'chrony.service'], ['python3', '/usr/bin/python3', 'billing-batch.service'],
  ['firefox', '/usr/lib/firefox/firefox', 'user@1000.service'], ['apt', '/usr/bin/apt', 'apt-daily.service'],
];
const STUB = '127.0.0.53';
const UPSTREAM = ['192.0.2.53', '198.51.100.9', '2001:db8::53'];
const DOMAINS = [
  'api.shop.example.com', 'www.example.com', 'cdn.example.net', 'login.example.org', 'db-1.prod.internal.example',
  'registry.example.io', 'mirror.debian.example', 'time.example.net', 'mx1.mail.example.org', 'telemetry.vendor.example',
];
const TYPES = ['A', 'A', 'A', 'AAAA', 'AAAA', 'HTTPS', 'MX', 'TXT', 'PTR', 'SRV'];
// What an attacker may put into names and texts, as the agent gives them out.
export const HOSTILE = {
  image: '<img\\032src=x\\032onerror=alert(1)>.example',
  direction: '\u202Egnp.exe\u202C',
  formula: '=cmd|calc!A0.example',
  long: `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`,
  bytes: '\\000\\001\\255\\254.bytes.example',
};

const pick = (rand, list) => list[Math.floor(rand() * list.length)];

function nameOf(rand, i) {
  const names = Object.values(HOSTILE).filter((name) => name !== HOSTILE.direction);
  if (i % 997 < names.length) return names[i % 997];
  if (rand() < 0.3) return `host-${Math.floor(rand() * 4000)}.fleet.example.net`;
  return DOMAINS[Math.floor(rand() ** 2 * DOMAINS.length)];
}

function answersOf(rand, name, type) {
  if (type === 'A' || type === 'AAAA') {
    const last = Math.floor(rand() * 250) + 1;
    const data = type === 'A' ? `203.0.113.${last}` : `2001:db8:1::${last.toString(16)}`;
    const answers = [{ name, type, ttl: 60 + Math.floor(rand() * 300), data }];
    if (rand() < 0.3) answers.unshift({ name, type: 'CNAME', ttl: 300, data: `edge.${name}`.slice(0, 250) });
    return answers;
  }
  if (type === 'MX') return [{ name, type, ttl: 3600, data: '10 mx1.mail.example.org' }];
  if (type === 'TXT') return [{ name, type, ttl: 300, data: '"v=spf1 -all" "=1+1"' }];
  if (type === 'HTTPS') return [{ name, type, ttl: 300, data: '1 . alpn="h2,h3"' }];
  return [{ name, type, ttl: 120, data: 'target.example.com' }];
}

function finish(rand, row, incident) {
  const luck = rand();
  const slow = incident ? 8 : 1;
  const base = row.server === STUB ? 300 : 9000;
  const latency = Math.round(base * slow * Math.exp((rand() + rand() + rand() - 1.5) * 2));
  if (luck < (incident ? 0.08 : 0.004)) {
    return Object.assign(row, { outcome: 'timeout', retransmits: 1 + Math.floor(rand() * 3) });
  }
  if (luck < (incident ? 0.085 : 0.005)) {
    return Object.assign(row, { outcome: 'icmp_refused', icmp: 'port_unreachable', latency_us: 120 });
  }
  if (luck < 0.0055) {
    return Object.assign(row, { outcome: 'dropped', drop_reason: 'NETFILTER_DROP', drop_location: 'nf_hook_slow+0x5d' });
  }
  let rcode = 'NOERROR';
  if (luck > 0.9) rcode = 'NXDOMAIN';
  if (luck > (incident ? 0.94 : 0.993)) rcode = 'SERVFAIL';
  if (luck > 0.998) rcode = 'REFUSED';
  if (rcode === 'NXDOMAIN' && rand() < 0.6) row.qname = `${row.qname}.corp.example`.slice(0, 253);
  const answers = rcode === 'NOERROR' ? answersOf(rand, row.qname, row.qtype) : [];
  Object.assign(row, {
    outcome: 'answered', latency_us: latency, rcode, flags: ['rd', 'ra'],
    answer_count: answers.length, authority_count: rcode === 'NXDOMAIN' ? 1 : 0, additional_count: 1,
    response_bytes: row.query_bytes + 20 * answers.length + 12,
    edns: { version: 0, udp_size: 1232, do: false },
  });
  if (answers.length) Object.assign(row, { answers, min_ttl: Math.min(...answers.map((a) => a.ttl)) });
  if (rcode === 'SERVFAIL') row.edns.ede = [{ code: 22, text: 'No Reachable Authority', extra: 'at delegation <b>example</b>' }];
  if (luck > 0.5 && luck < 0.51) row.retransmits = 1;
  return row;
}

/** `count` rows over the `spanMs` before `endMs`, oldest first. */
export function makeRows(count, spanMs, endMs, seed = 7) {
  const rand = random(seed);
  const rows = [];
  for (let i = 0; i < count; i += 1) {
    const at = endMs - spanMs + (spanMs * (i + rand())) / count;
    const age = (endMs - at) / spanMs;
    rows.push(makeRow(rand, i, at, age > 0.2 && age < 0.27));
  }
  return rows;
}

export function makeRow(rand, i, atMs, incident) {
  const resolver = rand() < 0.3;
  const process = resolver ? ['unbound', '/usr/sbin/unbound', 'unbound.service'] : pick(rand, PROCESSES);
  const container = !resolver && process[0] === 'node';
  const client = resolver ? '192.0.2.10' : container ? `172.17.0.${2 + Math.floor(rand() * 4)}` : '127.0.0.1';
  const row = {
    seq: i + 1,
    time: `${new Date(Math.floor(atMs)).toISOString().slice(0, -1)}${String(Math.floor(rand() * 1e6)).padStart(6, '0')}Z`,
    outcome: 'answered', protocol: 'dns', transport: resolver && rand() < 0.1 ? 'tls' : rand() < 0.03 ? 'tcp' : 'udp',
    client, client_port: 32768 + Math.floor(rand() * 28000), server: resolver ? pick(rand, UPSTREAM) : STUB,
    server_port: 53, id: Math.floor(rand() * 65536), opcode: 'QUERY', flags: ['rd'], qname: nameOf(rand, i),
    qtype: pick(rand, TYPES), qclass: 'IN', answer_count: 0, authority_count: 0, additional_count: 1,
    query_bytes: 52 + Math.floor(rand() * 40), retransmits: 0, interface: resolver ? 'eth0' : 'lo', netns: 4026531840,
    pid: 400 + Math.floor(rand() * 5000), comm: process[0], exe: process[1], uid: resolver ? 110 : 1000,
    cgroup: `/system.slice/${process[2]}`, unit: process[2], node: 'fixture',
  };
  row.tid = row.pid;
  if (!resolver) Object.assign(row, { server_pid: 611, server_comm: 'unbound' });
  if (container) row.container_id = 'f'.repeat(8) + '0123456789abcdef'.repeat(3) + '89abcdef';
  if (i % 1499 === 3) row.comm = HOSTILE.direction;
  finish(rand, row, incident);
  if (row.latency_us !== undefined) {
    row.hops = [{ interface: row.interface, netns: row.netns, latency_us: row.latency_us }];
    if (container) row.hops = [
      { interface: 'veth3a1', netns: 4026532281, latency_us: row.latency_us },
      { interface: 'docker0', netns: 4026531840, latency_us: Math.round(row.latency_us * 0.93) },
      { interface: 'eth0', netns: 4026531840, latency_us: Math.round(row.latency_us * 0.8) },
    ];
  }
  return row;
}
