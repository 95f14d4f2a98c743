// SPDX-License-Identifier: Apache-2.0
// The filter language (docs/filter.md) as far as the console's tests need it.
import { FIELDS, valuesOf } from './fields.mjs';

export class Mistake extends Error {
  constructor(detail, column, width) {
    super(detail);
    Object.assign(this, { detail, column, width });
  }
}

const TOKEN = /\s*(?:(\()|(\))|(,)|(!=|>=|<=|!~|=|>|<|~)|("(?:\\.|[^"\\])*"?)|([^\s(),"=!<>~]+))/y;

function tokens(text) {
  const list = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== '') {
    const start = TOKEN.lastIndex;
    const m = TOKEN.exec(text);
    if (!m) throw new Mistake('this is not understood', start + 1, 1);
    const raw = m[0].trimStart();
    const kind = ['(', ')', ',', 'op', 'quoted', 'word'][m.slice(1).findIndex((g) => g !== undefined)];
    list.push({ kind, text: kind === 'quoted' ? raw.slice(1, -1).replace(/\\(.)/g, '$1') : raw, at: start + m[0].length - raw.length + 1, width: raw.length });
  }
  return list;
}

const UNITS = { ns: 1e-3, us: 1, ms: 1e3, s: 1e6, m: 6e7, h: 36e8, d: 864e8 };

function scalar(field, token) {
  const text = token.text;
  if (field.type === 'duration') {
    const m = /^(\d+(?:\.\d+)?)(ns|us|ms|s|m|h|d)?$/.exec(text);
    if (!m) throw new Mistake(`${field.name}: ${text} is no duration; write it as 100ms`, token.at, token.width);
    return Number(m[1]) * UNITS[m[2] ?? 'us'];
  }
  if (field.type === 'number') {
    if (!/^(0x[0-9a-f]+|\d+)$/i.test(text)) throw new Mistake(`${field.name}: ${text} is no number`, token.at, token.width);
    return Number(text);
  }
  if (field.type === 'time') return Date.parse(text);
  if (field.values?.length) {
    const known = field.values.find((v) => v.toLowerCase() === text.toLowerCase());
    if (!known) throw new Mistake(`${field.name}: there is no ${text}; did you mean ${field.values[0]}?`, token.at, token.width);
    return known;
  }
  return text;
}

const glob = (text) => new RegExp(`^${text.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^]*').replaceAll('?', '[^]')}$`, 'i');

function testOf(field, op, token) {
  if (token.kind === 'word' && token.text === 'null') return (v) => v === undefined;
  const range = token.kind === 'word' && /^([^.].*?)?\.\.(.+)?$/.exec(token.text);
  if (range && field.type !== 'text') {
    const low = range[1] === undefined ? -Infinity : scalar(field, { ...token, text: range[1] });
    const high = range[2] === undefined ? Infinity : scalar(field, { ...token, text: range[2] });
    return (v) => v !== undefined && v >= low && v <= high;
  }
  if (op.endsWith('~')) {
    const pattern = glob(token.text);
    return (v) => v !== undefined && pattern.test(String(v));
  }
  const want = scalar(field, token);
  if (op === '>') return (v) => v > want;
  if (op === '>=') return (v) => v >= want;
  if (op === '<') return (v) => v < want;
  if (op === '<=') return (v) => v <= want;
  return (v) => v === want;
}

class Parser {
  constructor(text) {
    this.list = tokens(text);
    this.i = 0;
    this.end = text.length + 1;
  }
  peek() { return this.list[this.i]; }
  any() {
    let left = this.all();
    while (this.peek()?.kind === 'word' && this.peek().text.toLowerCase() === 'or') {
      this.i += 1;
      const [a, b] = [left, this.all()];
      left = (row) => a(row) || b(row);
    }
    return left;
  }
  all() {
    const parts = [];
    while (this.peek() && this.peek().kind !== ')' && this.peek().text.toLowerCase() !== 'or') {
      if (this.peek().text.toLowerCase() === 'and') this.i += 1;
      parts.push(this.one());
    }
    return (row) => parts.every((p) => p(row));
  }
  one() {
    const t = this.peek();
    if (!t) throw new Mistake('something is missing here', this.end, 1);
    this.i += 1;
    if (t.kind === '(') {
      const inner = this.any();
      if (this.peek()?.kind !== ')') throw new Mistake('this parenthesis is not closed', t.at, 1);
      this.i += 1;
      return inner;
    }
    if (t.kind === 'word' && t.text.toLowerCase() === 'not') {
      const inner = this.one();
      return (row) => !inner(row);
    }
    const op = this.peek()?.kind === 'op' ? this.peek() : undefined;
    if (!op) {
      const pattern = /[*?]/.test(t.text) ? glob(t.text) : glob(`*${t.text}*`);
      return (row) => row.qname !== undefined && pattern.test(row.qname);
    }
    this.i += 1;
    return this.term(t, op);
  }
  term(name, op) {
    const field = FIELDS.find((f) => f.name === name.text || f.alias === name.text);
    if (!field) throw new Mistake(`there is no field ${name.text}; did you mean qname?`, name.at, name.width);
    const tests = [];
    do {
      const value = this.peek();
      if (!value || !['word', 'quoted'].includes(value.kind)) throw new Mistake(`${field.name}: a value is missing`, op.at + op.width, 1);
      this.i += 1;
      tests.push(testOf(field, op.text, value));
    } while (this.peek()?.kind === ',' && ++this.i);
    const holds = (row) => {
      const values = valuesOf(row, field);
      return (values.length ? values : [undefined]).some((v) => tests.some((t) => t(v)));
    };
    return op.text.startsWith('!') ? (row) => !holds(row) : holds;
  }
}

export function parseFilter(text) {
  const p = new Parser(text);
  const test = p.any();
  if (p.peek()) throw new Mistake('nothing was opened that this would close', p.peek().at, p.peek().width);
  return test;
}
