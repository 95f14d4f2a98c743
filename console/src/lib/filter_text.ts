// SPDX-License-Identifier: Apache-2.0
// Just enough of the filter language (docs/filter.md) to show a filter as chips: where its terms
// begin and end. What a filter means, and whether it is right, only the agent says.

export type Op = '=' | '!=' | '>' | '>=' | '<' | '<=' | '~' | '!~';
export const OPS: readonly Op[] = ['=', '!=', '>', '>=', '<', '<=', '~', '!~'];

export interface Term {
  /** As it stands in the filter. */
  text: string;
  /** Absent for bare words, groups and "not". */
  field?: string;
  op?: Op;
  value?: string;
}

const OP = /^(!=|>=|<=|!~|=|>|<|~)/;

function skipQuoted(text: string, at: number): number {
  let i = at + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return Math.min(i + 1, text.length);
}

function skipGroup(text: string, at: number): number {
  let depth = 0;
  let i = at;
  while (i < text.length) {
    if (text[i] === '"') {
      i = skipQuoted(text, i);
      continue;
    }
    if (text[i] === '(') depth += 1;
    if (text[i] === ')' && --depth === 0) return i + 1;
    i += 1;
  }
  return i;
}

const skipBlanks = (text: string, at: number): number => {
  let i = at;
  while (i < text.length && /\s/.test(text[i] ?? '')) i += 1;
  return i;
};

/** The end of a word, quotes in it included. */
function skipWord(text: string, at: number, stop: RegExp): number {
  let i = at;
  while (i < text.length && !stop.test(text[i] ?? '')) i = text[i] === '"' ? skipQuoted(text, i) : i + 1;
  return i;
}

/** After FIELD OP: the values, with their commas and the blanks around these. */
function skipValues(text: string, at: number): number {
  let i = skipWord(text, skipBlanks(text, at), /[\s,()]/);
  for (;;) {
    const comma = skipBlanks(text, i);
    if (text[comma] !== ',') return i;
    i = skipWord(text, skipBlanks(text, comma + 1), /[\s,()]/);
  }
}

function readTerm(text: string, at: number): { end: number; term: Term } {
  if (text[at] === '(') {
    const end = skipGroup(text, at);
    return { end, term: { text: text.slice(at, end) } };
  }
  const wordEnd = Math.max(skipWord(text, at, /[\s()!=<>~]/), at + 1);
  const word = text.slice(at, wordEnd);
  if (word.toLowerCase() === 'not') {
    const inner = readTerm(text, skipBlanks(text, wordEnd));
    return { end: inner.end, term: { text: text.slice(at, inner.end) } };
  }
  const opAt = skipBlanks(text, wordEnd);
  const op = OP.exec(text.slice(opAt))?.[0];
  if (!op || !/^[a-z][a-z0-9_.]*$/i.test(word)) {
    const end = skipWord(text, at, /[\s()]/);
    return { end: Math.max(end, at + 1), term: { text: text.slice(at, Math.max(end, at + 1)) } };
  }
  const valueAt = skipBlanks(text, opAt + op.length);
  const end = skipValues(text, valueAt);
  return {
    end,
    term: { text: text.slice(at, end), field: word, op: op as Op, value: text.slice(valueAt, end) },
  };
}

/** The terms that must all hold. A filter with "or" on its top level is one term. */
export function splitFilter(filter: string): Term[] {
  const terms: Term[] = [];
  let i = skipBlanks(filter, 0);
  while (i < filter.length) {
    const { end, term } = readTerm(filter, i);
    const word = term.text.toLowerCase();
    if (word === 'or') return [{ text: filter.trim() }];
    if (word !== 'and') terms.push(term);
    i = skipBlanks(filter, end);
  }
  return terms;
}

/** For use beside others: a filter with "or" on its top level needs parentheses. */
function guarded(text: string): string {
  const terms = splitFilter(text);
  const only = terms[0];
  const isOr = terms.length === 1 && only?.field === undefined && /\bor\b/i.test(text) && !text.startsWith('(');
  return isOr ? `(${text})` : text;
}

export function joinTerms(terms: readonly string[]): string {
  const kept = terms.map((t) => t.trim()).filter(Boolean);
  return kept.length > 1 ? kept.map(guarded).join(' ') : (kept[0] ?? '');
}

const OPPOSITE: { [op in Op]: Op } = {
  '=': '!=', '!=': '=', '~': '!~', '!~': '~', '>': '<=', '<=': '>', '<': '>=', '>=': '<',
};

/** The opposite of a term. "<" and ">" are turned with "not", as they are false for what is absent. */
export function negate(term: Term): string {
  const not = /^not\s+(.+)$/is.exec(term.text);
  if (not) return not[1] ?? '';
  if (term.field && term.op && /^[=~!]/.test(term.op)) {
    return `${term.field}${OPPOSITE[term.op]}${term.value ?? ''}`;
  }
  const isWord = !term.field && !/[\s(]/.test(term.text);
  return term.field || isWord || term.text.startsWith('(') ? `not ${term.text}` : `not (${term.text})`;
}

/** A value as the language takes it: quoted where it must be. */
export function quoteValue(value: string): string {
  const plain = value !== '' && !/[\s,()"\\]/.test(value) && value.toLowerCase() !== 'null' && !value.includes('..');
  return plain ? value : `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

export function termFor(field: string, value: string | null, out = false): string {
  return `${field}${out ? '!=' : '='}${value === null ? 'null' : quoteValue(value)}`;
}

/** The filter with a term added; what said the opposite, or the same field with "=", gives way. */
export function withTerm(filter: string, text: string): string {
  const added = splitFilter(text)[0];
  const opposite = added ? negate(added) : '';
  const kept = splitFilter(filter).filter(
    (t) =>
      t.text !== text &&
      t.text !== opposite &&
      !(added?.op === '=' && t.op === '=' && added.field === t.field && !isSet(added.field)),
  );
  return joinTerms([...kept.map((t) => t.text), text]);
}

const isSet = (field: string | undefined): boolean =>
  field !== undefined && /^(flags|marks|answers|hops\.|edns\.ede)/.test(field);

export function withoutTerm(filter: string, index: number): string {
  return joinTerms(splitFilter(filter).filter((_, i) => i !== index).map((t) => t.text));
}
