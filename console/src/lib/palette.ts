// SPDX-License-Identifier: Apache-2.0
// One meaning, one colour, in every chart, table and graph. Pairs are [light, dark] and have at
// least 3:1 against the background of their theme.

export type Theme = 'light' | 'dark';
type Pair = readonly [string, string];

const BLUE: Pair = ['#2b7bd1', '#5aa2ee'];
const GOLD: Pair = ['#b98412', '#e6b844'];
const RED: Pair = ['#c9190b', '#f4655a'];
const ORANGE: Pair = ['#d9560b', '#f58a45'];
const PURPLE: Pair = ['#6b4fbb', '#a991f0'];
const TEAL: Pair = ['#008a85', '#4cc6bf'];
const MAROON: Pair = ['#8f1d4f', '#e2679f'];
const GREY: Pair = ['#7c8287', '#9aa1a7'];
const BROWN: Pair = ['#86591c', '#c99656'];
const GREEN: Pair = ['#3d8b21', '#7cc35c'];

const pick = (pair: Pair, theme: Theme): string => pair[theme === 'dark' ? 1 : 0];

// An answer without error is blue, as is NOERROR; no answer is orange, as is an absent rcode.
const OUTCOMES: { [outcome: string]: Pair } = {
  answered: BLUE, timeout: ORANGE, icmp_refused: BROWN, dropped: MAROON, unsolicited: TEAL,
  unseen: GREY,
};

const RCODES: { [rcode: string]: Pair } = {
  NOERROR: BLUE, NXDOMAIN: GOLD, SERVFAIL: RED, REFUSED: PURPLE, FORMERR: BROWN, NOTIMP: TEAL,
  YXDOMAIN: GREEN, NOTAUTH: MAROON, BADVERS: GREEN,
};

export const NO_ANSWER = ORANGE;

/** Order of layers in stacked charts: the normal ones at the bottom. */
export const OUTCOME_ORDER = ['answered', 'unsolicited', 'unseen', 'dropped', 'icmp_refused', 'timeout'];
export const RCODE_ORDER = ['NOERROR', 'NXDOMAIN', 'REFUSED', 'SERVFAIL'];

export function outcomeColor(outcome: string | null, theme: Theme): string {
  return pick(OUTCOMES[outcome ?? ''] ?? GREY, theme);
}

export function rcodeColor(rcode: string | null, theme: Theme): string {
  return pick(rcode === null ? NO_ANSWER : (RCODES[rcode] ?? GREY), theme);
}

export function percentileColor(metric: string, theme: Theme): string {
  const pairs: { [metric: string]: Pair } = {
    min: ['#7fb8b5', '#8fd6d1'], p50: TEAL, average: BLUE, p90: PURPLE, p99: MAROON, max: RED,
  };
  return pick(pairs[metric] ?? GREY, theme);
}

export function errorColor(theme: Theme): string {
  return pick(RED, theme);
}

export function neutralColor(theme: Theme): string {
  return pick(GREY, theme);
}

export function plainColor(theme: Theme): string {
  return pick(BLUE, theme);
}

// Without a meaning of their own: servers, clients, names. The same key keeps its colour in all
// charts while the page is open. None of the colours that mean an error.
const SERIES: readonly Pair[] = [
  ['#2b7bd1', '#5aa2ee'], ['#008a85', '#4cc6bf'], ['#6b4fbb', '#a991f0'], ['#3d8b21', '#7cc35c'],
  ['#b34f8e', '#e28dc4'], ['#5c6f99', '#9db1db'], ['#86591c', '#c99656'], ['#3f7f9c', '#7cc0de'],
  ['#737a1f', '#bcc456'], ['#8a5fa8', '#c6a2e0'],
];
const given = new Map<string, number>();

export function keyColor(field: string, key: string | null, theme: Theme): string {
  if (field === 'rcode') return rcodeColor(key, theme);
  if (field === 'outcome') return outcomeColor(key, theme);
  if (key === null) return neutralColor(theme);
  const id = `${field}\n${key}`;
  let index = given.get(id);
  if (index === undefined) {
    index = given.size;
    given.set(id, index);
  }
  return pick(SERIES[index % SERIES.length] ?? GREY, theme);
}

/** Green over yellow to red, for a share of errors (0..1); 5 % is where an operator should look. */
export function shareColor(share: number | null | undefined, theme: Theme): string {
  if (share === null || share === undefined) return neutralColor(theme);
  if (share < 0.005) return pick(BLUE, theme);
  if (share < 0.05) return pick(GOLD, theme);
  if (share < 0.2) return pick(ORANGE, theme);
  return pick(RED, theme);
}

export function latencyColor(us: number | null | undefined, theme: Theme): string {
  if (us === null || us === undefined) return neutralColor(theme);
  if (us < 20_000) return pick(BLUE, theme);
  if (us < 100_000) return pick(GOLD, theme);
  if (us < 1_000_000) return pick(ORANGE, theme);
  return pick(RED, theme);
}

/** Steps of the heat map, from few to many. */
export function heatColors(theme: Theme): string[] {
  return theme === 'dark'
    ? ['#12304d', '#1c4a75', '#27679e', '#3f8fc4', '#76b8d8', '#c5e2ea', '#fff6d6']
    : ['#e3f0f7', '#b9d9ea', '#85bcd8', '#4f97c1', '#2b6fa3', '#1b4c7e', '#102d50'];
}
