// SPDX-License-Identifier: Apache-2.0
// Every text of the console, so that a translation has one place to start from.
import type { Op } from './lib/filter_text';
import type { Metric } from './api/types';
import type { ChartKind, Coloring, Density, Refresh, ViewName } from './url/state';

type Words<T extends string> = { [key in T]: string };

const nav: Words<ViewName> & { label: string } = {
  label: 'Views', overview: 'Overview', traffic: 'Traffic', topology: 'Topology',
};

const every: Words<Refresh> = {
  off: 'No refresh', live: 'Live', '5s': 'Every 5 s', '15s': 'Every 15 s', '30s': 'Every 30 s',
  '1m': 'Every minute', '5m': 'Every 5 min', '15m': 'Every 15 min',
};

const ops: Words<Op> = {
  '=': 'is', '!=': 'is not', '>': 'more than', '>=': 'at least', '<': 'less than', '<=': 'at most',
  '~': 'matches a pattern with * and ?', '!~': 'does not match a pattern',
};

const metrics: Words<Metric> = {
  count: 'Queries', share: 'Share', average: 'Average', p50: 'P50', p90: 'P90', p99: 'P99',
  max: 'Maximum', min: 'Minimum', error_share: 'Errors', unanswered_share: 'No answer', names: 'Names',
};

const kinds: Words<ChartKind> = {
  lines: 'Lines', stack: 'Stacked areas', columns: 'Stacked columns', bars: 'Bars', donut: 'Donut',
  table: 'Table',
};

const densities: Words<Density> = { compact: 'Compact', normal: 'Normal', roomy: 'Roomy' };

const colorings: Words<Coloring> = {
  error_share: 'Share of errors', unanswered_share: 'Share without answer', p50: 'P50 latency',
  p90: 'P90 latency', p99: 'P99 latency',
};

const presets: { [from: string]: string } = {
  '-5m': 'Last 5 minutes', '-15m': 'Last 15 minutes', '-30m': 'Last 30 minutes', '-1h': 'Last hour',
  '-3h': 'Last 3 hours', '-6h': 'Last 6 hours', '-12h': 'Last 12 hours', '-1d': 'Last 24 hours',
  '-2d': 'Last 2 days', '-7d': 'Last 7 days', '-14d': 'Last 14 days', '-30d': 'Last 30 days',
};

const stages: { [stage: string]: string } = {
  kernel: 'Kernel', ring: 'Ring buffers', tap: 'Tap', packets: 'Packets', pkt: 'Packets', framing: 'DNS over TCP', enrich: 'Processes',
  tcp: 'TCP streams', dns: 'Messages', txn: 'Transactions', store: 'Store', live: 'Live streams',
};

const outcomes: { [outcome: string]: string } = {
  answered: 'Answered', timeout: 'Timeout', icmp_refused: 'ICMP refused', dropped: 'Dropped',
  unsolicited: 'Unsolicited', unseen: 'Half seen',
};

const fields: { [field: string]: string } = {
  time: 'Time', latency_us: 'Latency', outcome: 'Outcome', protocol: 'Protocol', transport: 'Transport',
  client: 'Client', client_port: 'Client port', server: 'Server', server_port: 'Server port', id: 'DNS id',
  opcode: 'Opcode', flags: 'Flags', rcode: 'Response code', qname: 'Name', qname_wire: 'Name as sent',
  qtype: 'Type', qclass: 'Class', answers: 'Answers', answer_count: 'Answer records',
  authority_count: 'Authority records', additional_count: 'Additional records', min_ttl: 'Smallest TTL',
  edns: 'EDNS', query_bytes: 'Query size', response_bytes: 'Response size', retransmits: 'Retransmissions',
  interface: 'Interface', netns: 'Network namespace', hops: 'Hops', pid: 'Process id', tid: 'Thread id',
  comm: 'Process', exe: 'Executable', uid: 'User id', server_pid: 'Server process id',
  server_comm: 'Server process', cgroup: 'Cgroup', container_id: 'Container', unit: 'Unit', pod: 'Pod',
  namespace: 'Namespace', workload: 'Workload', node: 'Node', drop_reason: 'Drop reason',
  drop_location: 'Drop location', malformed: 'Malformed', marks: 'Marks', icmp: 'ICMP', seq: 'Sequence',
  domain: 'Domain', suffix: 'Suffix',
};

export const texts = {
  nav, ops, metrics, kinds, densities, colorings, outcomes,
  field: (name: string): string => fields[name] ?? name,
  skip: 'Skip to content',
  controls: 'Filter and time range',
  host: 'What is observed: this host',
  loading: 'Loading',
  slow: 'This takes a while.',
  cancel: 'Cancel',
  close: 'Close',
  copy: 'Copy',
  copied: 'Copied',
  absent: 'absent',
  none: '–',
  overall: 'Overall',
  others: 'Others',
  total: 'Total',
  zones: { local: 'local time', utc: 'UTC' },
  range: {
    label: 'Time range', presets, relative: 'Up to now', last: 'The last (as 90m, 36h, 3d)', from: 'From',
    until: 'Until', apply: 'Apply', wrong: 'The beginning must lie before the end.',
  },
  refresh: { label: 'Refresh', now: 'Refresh now', every },
  settings: {
    label: 'Theme and time zone', theme: 'Theme', zone: 'Times shown in',
    themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
  },
  badge: {
    label: 'Completeness',
    complete: 'Complete',
    since: (time: string) => `Complete since ${time}`,
    lost: (n: string) => `${n} lost`,
    unseen: (n: string) => `${n} half seen`,
    away: (time: string) => `Not watched for ${time}`,
  },
  ledger: {
    title: 'Is this complete?',
    inRange: 'In this time range', sinceStart: 'Since the agent started',
    nothing: 'Nothing was lost.',
    unknown: 'This agent does not say what was lost when.',
    knownFrom: (time: string) => `What was lost before ${time} is not known.`,
    away: (from: string, until: string) => `From ${from} until ${until} no agent was watching.`,
    unseen: (n: string) =>
      `${n} transactions have lost a half somewhere; they are kept as “unseen” and never counted as timeouts.`,
    reason: 'Why', when: 'When',
    stage: 'Stage', in: 'In', out: 'Out', lost: 'Lost', reasons: 'Lost, or left out on purpose', stages,
    version: 'Version', engine: 'Store', uptime: 'Running for', rows: 'Transactions kept', disk: 'On disk',
  },
  views: {
    label: 'Saved views', none: 'No view has been saved', failed: 'The agent cannot keep views',
    saveThis: 'Save this view…', saveTitle: 'Save this view', name: 'Name', save: 'Save',
    remove: (name: string) => `Remove the view ${name}`,
  },
  token: {
    title: 'This console needs a token',
    help: 'The agent printed an address with the token when it started; it also stands in the file “token” of its state folder. The one given is missing or not right.',
    label: 'Token', enter: 'Open',
  },
  noData: {
    title: 'No DNS has been seen yet',
    help: 'nameflow is watching. Look something up on this host, or let it make some lookups of its own:',
    command: 'Command that makes lookups',
    doctor: 'Still nothing? “nameflow doctor” says what this kernel allows.',
  },
  noMatch: {
    title: 'Nothing matches',
    help: 'In this time range no transaction passes the whole filter. Taken out one by one:',
    range: 'There was no DNS in this time range.',
    without: (term: string) => `without ${term}`,
    found: (n: string) => `${n} found`,
    wider: 'Look at the last 24 hours',
  },
  gone: {
    title: 'The agent does not answer',
    help: 'What is shown is the last that came. Trying again every few seconds.',
  },
  errors: {
    refused: 'The agent refused this', failed: 'This did not work', gone: 'The agent does not answer',
    again: 'Try again', part: 'This part could not be shown', reload: 'Load the page again',
  },
  filter: {
    label: 'Filter', placeholder: 'Name, or FIELD = VALUE, as latency > 100ms', suggestions: 'Suggestions',
    clear: 'Clear filter', clearText: 'Clear input', asText: 'Edit the whole filter as text',
    times: (n: string) => `${n} ×`, absent: 'there is none',
  },
  quick: {
    label: 'Quick filters', errors: 'Errors', nxdomain: 'NXDOMAIN', slow: 'Slow', unanswered: 'No answer',
    tcp: 'TCP', encrypted: 'Encrypted', me: 'By me',
    byUser: (user: string) => `Asked by programs of the user ${user}`, byAddress: (address: string) => `Asked by ${address}, where you are`,
  },
  chips: {
    label: 'Terms of the filter', edit: 'Edit', negate: 'Negate', disable: 'Switch off', enable: 'Switch on',
    remove: 'Remove', removeThis: (text: string) => `Remove ${text}`,
  },
  menu: { label: 'Filter by this value', only: 'Filter for', out: 'Filter out', traffic: 'Show its transactions', copy: 'Copy value' },
  chartKeys: 'Arrow keys go through it, Enter opens',
  noAnswer: 'no answer',
  absentOf: (field: string) => `no ${field.toLowerCase()}`,
  errorsOf: (share: string) => `${share} errors`,
  cancelled: 'Cancelled.',
  nothingHere: 'Nothing in this time range.',
  panel: {
    menu: (title: string) => `Menu of ${title}`, kind: 'Shown as', top: 'How many', topN: (n: number) => `Top ${n}`,
    more: 'More', full: 'Full screen', small: 'Back to all panels', table: 'Open as table', png: 'Save as PNG',
    csv: 'Save as CSV', hide: 'Hide', manage: 'Manage panels', by: 'by', latencyBy: 'Latency by',
    manageHelp: 'Which panels are shown, and in which order. Drag them, use the arrows, or Alt with the arrow keys.',
  },
  panels: {
    rate_outcome: { title: 'Rate by outcome', help: 'Transactions a second, by how they ended' },
    rcodes_total: { title: 'Response codes over time', help: 'Responses a second by code, and the total' },
    heat: { title: 'Latency over time', help: 'How many transactions had which latency, when; darker is more. A click leads to them.' },
    servers: { title: 'Servers', help: 'Each server against the period of the same length before' },
    p99: { title: 'P99 latency', help: 'One of a hundred takes longer' },
    p90: { title: 'P90 latency', help: 'One of ten takes longer' },
    p50: { title: 'P50 latency', help: 'The median' },
    average: { title: 'Average latency', help: 'Arithmetic mean' },
    max: { title: 'Maximum latency', help: 'The slowest' },
    min: { title: 'Minimum latency', help: 'The fastest' },
    names: { title: 'Top names', help: 'Names asked for most' },
    processes: { title: 'Top processes', help: 'Processes that ask most' },
    rcodes: { title: 'Response codes', help: 'Shares of the response codes' },
    clients: { title: 'Top clients', help: 'Addresses that ask most' },
    top_servers: { title: 'Top servers', help: 'Servers that are asked most' },
    types: { title: 'Top types', help: 'Types asked for most' },
    failing: { title: 'Names that fail', help: 'Names with errors or without answer' },
    retransmissions: { title: 'Retransmissions by server', help: 'Queries a second that had to be sent again' },
    units: { title: 'Top units', help: 'Systemd units that ask most' },
    containers: { title: 'Top containers', help: 'Containers that ask most' },
    transports: { title: 'Transports', help: 'UDP, TCP, TLS, HTTPS, QUIC' },
    suffixes: { title: 'NXDOMAIN by search suffix', help: 'Names that do not exist, by what follows their first label: a search list shows as one suffix' },
    missing_domains: { title: 'NXDOMAIN by domain', help: 'Names that do not exist, by registered domain' },
    domains: { title: 'Top domains', help: 'Registered domains asked for most, by the public suffix list' },
  } as { [id: string]: { title: string; help: string } },
  servers: {
    rate: 'Rate', trend: '±', trendHelp: 'Against the period of the same length before', errors: 'Errors',
    unanswered: 'No answer',
  },
  tiles: {
    count: 'Queries', error_share: 'Errors', unanswered_share: 'No answer', p50: 'P50 latency',
    p90: 'P90 latency', p99: 'P99 latency',
  } as { [metric: string]: string },
  verdict: {
    label: 'Is DNS all right?',
    none: 'No DNS in this time range.',
    good: 'DNS is all right.',
    unanswered: (share: string) => `${share} of the queries get no answer.`,
    errors: (share: string) => `${share} of the queries end in an error.`,
    slow: (p50: string, p99: string) => `DNS is slow: half takes more than ${p50}, P99 is ${p99}.`,
  },
  manage: {
    search: 'Search', all: 'Select all', none: 'Select none', save: 'Apply', reset: 'Reset to default',
    count: (n: number, of: number) => `${n} of ${of} shown`,
    up: (title: string) => `Move ${title} up`, down: (title: string) => `Move ${title} down`,
  },
  traffic: {
    table: 'Transactions', found: (n: string) => `${n} transactions`, live: 'Live', density: 'Row density',
    columns: 'Columns', export: 'Export', histogram: 'Transactions over time', manage: 'Manage columns',
    manageHelp: 'Which columns are shown, and in which order. Drag them, use the arrows, or Alt with the arrow keys.',
    resize: (title: string) => `Width of ${title}`, earlier: 'Earlier', later: 'Later', zoomIn: 'Zoom in',
    zoomOut: 'Zoom out', waiting: (n: string) => `${n} new, show`,
    missed: (n: string) => `${n} transactions came faster than this page could take them.`,
  },
  export: {
    title: 'Export', help: (n: string) => `All ${n} transactions that match filter and time range.`, format: 'Format',
    csv: 'CSV', csvHelp: 'For spreadsheets; cells that could be taken for formulas are made harmless.',
    ndjson: 'JSON lines', ndjsonHelp: 'One whole record a line.',
    parquet: 'Parquet', parquetHelp: 'For DuckDB, pandas, Spark; lists are JSON in it.', columns: 'Columns', shown: 'Columns shown',
    all: 'All columns', start: 'Export', progress: (n: string) => `${n} transactions`,
  },
  row: {
    label: 'Transaction', details: 'Details', raw: 'Raw', copy: 'Copy JSON', previous: 'Previous (k)', next: 'Next (j)',
  },
  details: {
    summary: 'What happened', question: 'Question', answers: (n: number) => (n === 1 ? '1 answer' : `${n} answers`),
    name: 'Name', type: 'Type', data: 'Data', flags: 'Flags', hops: 'Way through this host',
    hopsHelp: 'At each place: from the query to its answer. What a bar is shorter than the one above was spent in between.',
    who: 'Who asked', path: 'On the wire', version: 'Version', udpSize: 'UDP size', yes: 'yes', no: 'no',
    ecs: 'Client subnet', cookie: 'Cookie', keepalive: 'TCP keepalive', padding: 'Padding', ede: 'Extended error',
    flag: {
      aa: 'the server is authoritative for the name', tc: 'the answer was cut to fit; it is asked for again over TCP',
      rd: 'the client wants recursion', ra: 'the server offers recursion', z: 'reserved, should not be set',
      ad: 'the server says that it has validated the data (DNSSEC)', cd: 'the client does not want validation',
    } as { [flag: string]: string },
  },
  explain: {
    process: (comm: string, pid: number | undefined) => (pid === undefined ? comm : `${comm} (process ${pid})`),
    unreadable: 'something that could not be read',
    asksFor: (type: string, name: string) => `the ${type} records of ${name}`,
    asked: (who: string, server: string, what: string, transport: string) => `${who} asked ${server} for ${what}${transport ? ` over ${transport}` : ''}.`,
    records: (n: number, after: string) => `After ${after} came ${n === 1 ? 'one record' : `${n} records`}.`,
    empty: (after: string) => `After ${after} came an answer without records: the name exists, but has none of this type.`,
    code: (code: string, meaning: string, after: string) => `After ${after} came ${code}: ${meaning}.`,
    rcodes: {
      NXDOMAIN: 'the name does not exist', SERVFAIL: 'the server could not find out, often because a server further on does not answer or DNSSEC fails',
      REFUSED: 'the server does not want to answer this client or this question', FORMERR: 'the server did not understand the query',
      NOTIMP: 'the server does not know this kind of query', BADVERS: 'the server does not know this version of EDNS',
    } as { [rcode: string]: string },
    otherCode: 'the server answered with an error',
    timeout: (n: number) => (n === 1 ? 'No answer came.' : `No answer came, though it was asked ${n} times.`),
    icmp: (what: string) => `Instead of an answer came an ICMP message: ${what}.`,
    dropped: (reason: string, where: string) => `The kernel of this host dropped a packet of it: ${reason} at ${where}.`,
    unsolicited: 'An answer came that nobody here had asked for.',
    unseen: 'Only one half of it was seen, because packets were lost here: it may well have been answered.',
    retransmitted: (n: number) => `The query had to be sent again ${n === 1 ? 'once' : `${n} times`}.`,
    truncated: 'The answer did not fit and was cut.',
    ede: (code: number, text: string, extra: string) => `The server adds: ${text || `extended error ${code}`}${extra ? ` (${extra})` : ''}.`,
    malformed: (why: string) => `It did not parse: ${why}.`,
    marks: {
      duplicate_response: 'A second, different answer came, too: perhaps somebody tries to spoof.',
      late_response: 'The answer came after the query had been given up.', cut: 'Only a part of a message was captured.',
      reassembled: 'It came in IP fragments.',
    } as { [mark: string]: string },
  },
  topology: {
    search: 'Find a node', group: 'Group by', coloring: 'Coloured by', nodes: 'Nodes a side', table: 'Table', edge: 'Asks', asks: 'Asks', askedBy: 'Asked by', edgeLabel: 'Edge',
    clients: 'Who asks', resolvers: 'Resolvers of this host', servers: 'Who is asked', node: 'Node',
    folded: (n: number) => `${n} others`,
    label: (nodes: number, edges: number) => `Who asks whom: ${nodes} nodes, ${edges} edges. The same as a table: button “Table”.`,
  },
};
