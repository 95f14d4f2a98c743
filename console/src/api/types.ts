// SPDX-License-Identifier: Apache-2.0
// The answers of the agent's API (/api/v1), as docs/api.md and openapi.json describe them.

export interface Answer {
  name: string;
  type: string;
  ttl: number;
  data: string;
}

export interface ExtendedError {
  code: number;
  text?: string;
  extra?: string;
}

export interface Edns {
  version: number;
  udp_size: number;
  do: boolean;
  ecs?: string;
  nsid?: string;
  cookie?: string;
  keepalive?: number;
  padding?: number;
  ede?: ExtendedError[];
}

export interface Hop {
  interface?: string;
  netns?: number;
  latency_us?: number;
}

/** One transaction. What is absent in the record is absent here. */
export interface Transaction {
  seq: number;
  time: string;
  latency_us?: number;
  outcome: string;
  protocol: string;
  transport: string;
  client: string;
  client_port: number;
  server: string;
  server_port: number;
  id?: number;
  opcode?: string;
  flags?: string[];
  rcode?: string;
  qname?: string;
  qname_wire?: string;
  qtype?: string;
  qclass?: string;
  answers?: Answer[];
  answer_count?: number;
  authority_count?: number;
  additional_count?: number;
  min_ttl?: number;
  edns?: Edns;
  query_bytes?: number;
  response_bytes?: number;
  retransmits?: number;
  interface?: string;
  netns?: number;
  hops?: Hop[];
  pid?: number;
  tid?: number;
  comm?: string;
  exe?: string;
  uid?: number;
  server_pid?: number;
  server_comm?: string;
  cgroup?: string;
  container_id?: string;
  unit?: string;
  pod?: string;
  namespace?: string;
  workload?: string;
  node?: string;
  drop_reason?: string;
  drop_location?: string;
  malformed?: string;
  marks?: string[];
  icmp?: string;
}

export interface TransactionsPage {
  from: string;
  until: string;
  transactions: Transaction[];
  next?: string;
}

export const METRICS = [
  'count', 'share', 'average', 'p50', 'p90', 'p99', 'max', 'min', 'error_share',
  'unanswered_share', 'names',
] as const;
export type Metric = (typeof METRICS)[number];

export type Figures = { [metric in Metric]?: number | null };
export type Group = Figures & { key: (string | null)[] };

export interface Top {
  from: string;
  until: string;
  by: string[];
  metrics: Metric[];
  groups: Group[];
  others?: Figures;
  overall: Figures;
  matched: number;
  source?: string;
  approximate?: boolean;
}

export type FigureSteps = { [metric in Metric]?: (number | null)[] };
export type SeriesGroup = FigureSteps & { key: (string | null)[] };

export interface Series {
  from: string;
  until: string;
  by: string[];
  metrics: Metric[];
  step_seconds: number;
  start: string;
  groups: SeriesGroup[];
  others?: FigureSteps;
  overall: FigureSteps;
  matched: number;
  approximate?: boolean;
}

export interface Histogram {
  from: string;
  until: string;
  step_seconds: number;
  start: string;
  buckets: { low_us: number; high_us: number; counts: number[] }[];
}

export interface Values {
  field: string;
  values: { value: string | null; count: number }[];
}

export type FieldType = 'time' | 'duration' | 'number' | 'text' | 'enum' | 'address' | 'set' | 'bool';

export interface Field {
  name: string;
  alias?: string | null;
  type: FieldType;
  help: string;
  groupable?: boolean;
  orderable?: boolean;
  values?: string[];
}

export interface Stage {
  stage: string;
  in: number;
  out: number;
  dropped?: { [reason: string]: number };
  /** Of these, without what is left out on purpose. */
  lost?: number;
}

/** Who asks; what is null is not known. */
export interface Peer {
  address: string | null;
  uid: number | null;
  user: string | null;
}

export interface Status {
  version: string;
  node?: string;
  started?: string;
  uptime_seconds?: number;
  engine?: string;
  stages: Stage[];
  store?: { [name: string]: unknown };
  live_readers?: number;
  you?: Peer;
}

/** What was lost within a time range. */
export interface Losses {
  from: string;
  until: string;
  /** What happened before is not known. */
  known_from: string;
  lost: { stage: string; reason: string; count: number; first: string; last: string }[];
  /** Times in which no agent watched. */
  away: { from: string; until: string }[];
}

export interface SavedView {
  name: string;
  query: string;
}

/** RFC 9457, with the place of a mistake in a filter (column counts from 1). */
export interface Problem {
  title?: string;
  status?: number;
  detail?: string;
  column?: number;
  width?: number;
}
