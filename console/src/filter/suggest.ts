// SPDX-License-Identifier: Apache-2.0
// What the filter bar offers next: a field, an operator, or a value.
import type { Field } from '../api/types';
import { OPS, type Op } from '../lib/filter_text';

export interface Step {
  kind: 'field' | 'op' | 'value';
  /** What is typed of it so far, and where it begins in the text. */
  typed: string;
  at: number;
  field?: Field;
  op?: Op;
}

const TAIL = /(?:^|[\s(])([a-z][a-z0-9_.]*)?(?:\s*(!=|>=|<=|!~|=|>|<|~|!)\s*((?:(?:"[^"]*"|[^\s,"]*)\s*,\s*)*)("[^"]*|[^\s,"]*))?$/i;

export function findField(fields: readonly Field[], name: string): Field | undefined {
  const wanted = name.toLowerCase();
  return fields.find((f) => f.name === wanted || f.alias === wanted);
}

/** The step at the end of `text`. */
export function stepAt(text: string, fields: readonly Field[]): Step {
  const m = TAIL.exec(text);
  const name = m?.[1] ?? '';
  const opText = m?.[2];
  const field = findField(fields, name);
  // An unknown field: those like it, in its place.
  if (!m || !field) return { kind: 'field', typed: name, at: m ? m.index + m[0].indexOf(name) : text.length };
  if (opText === undefined) return { kind: 'field', typed: name, at: text.length - name.length, field };
  const op = OPS.find((o) => o === opText);
  const typed = m[4] ?? '';
  if (!op) return { kind: 'op', typed: opText, at: text.length - typed.length - opText.length, field };
  return { kind: 'value', typed, at: text.length - typed.length, field, op };
}

const ORDERED: readonly Op[] = ['=', '!=', '>', '>=', '<', '<='];
const NAMED: readonly Op[] = ['=', '!=', '~', '!~'];

export function opsOf(field: Field): readonly Op[] {
  switch (field.type) {
    case 'time':
    case 'duration':
    case 'number':
      return ORDERED;
    case 'text':
    case 'enum':
      return NAMED;
    default:
      return ['=', '!='];
  }
}

/** Fields whose name, or failing that whose description, has what was typed. */
export function matchFields(fields: readonly Field[], typed: string): Field[] {
  const wanted = typed.toLowerCase();
  const rank = (f: Field): number => {
    const names = [f.name, f.alias ?? ''].map((n) => n.toLowerCase());
    if (names.some((n) => n === wanted)) return 0;
    if (names.some((n) => n.startsWith(wanted) && n !== '')) return 1;
    if (names.some((n) => n.includes(wanted))) return 2;
    return wanted.length > 2 && f.help.toLowerCase().includes(wanted) ? 3 : 9;
  };
  return fields.map((f) => ({ f, r: rank(f) })).filter((x) => x.r < 9).sort((a, b) => a.r - b.r).map((x) => x.f);
}

const FIXED: { [type: string]: readonly string[] } = {
  duration: ['1ms', '10ms', '100ms', '500ms', '1s', '5s', '1ms..10ms'],
  bool: ['true', 'false'],
  time: ['-5m', '-1h'],
};

export const fixedValues = (field: Field): readonly string[] => FIXED[field.type] ?? [];
