// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from 'react';
import { apiGet } from '../api/client';
import type { Values } from '../api/types';
import { useSession } from '../frame/session';
import { quoteValue } from '../lib/filter_text';
import { formatCount } from '../lib/format';
import { rangeParams } from '../lib/range';
import { texts } from '../texts';
import { fixedValues, matchFields, opsOf, stepAt, type Step } from './suggest';

export interface Suggestion {
  /** What is shown, and what it says beside it. */
  text: string;
  help: string;
  /** The whole text after taking it; complete: nothing more is needed. */
  result: string;
  complete: boolean;
}

const WAIT_MS = 150;
const MOST = 12;

function fieldSuggestions(text: string, step: Step, fields: ReturnType<typeof matchFields>): Suggestion[] {
  const before = text.slice(0, step.at);
  if (step.field && step.typed === step.field.name) {
    return opsOf(step.field).map((op) => ({
      text: `${step.typed} ${op}`, help: texts.ops[op], result: before + step.typed + op, complete: false,
    }));
  }
  return matchFields(fields, step.typed).slice(0, 60).map((f) => ({
    text: f.alias ?? f.name, help: f.help, result: before + f.name, complete: false,
  }));
}

function opSuggestions(text: string, step: Step): Suggestion[] {
  return step.field
    ? opsOf(step.field).filter((op) => op.startsWith(step.typed)).map((op) => ({
        text: op, help: texts.ops[op], result: text.slice(0, step.at) + op, complete: false,
      }))
    : [];
}

/** Values there are in the data, with how often. */
function useValues(step: Step, filter: string): Values['values'] {
  const { range } = useSession();
  const [values, setValues] = useState<Values['values']>([]);
  const field = step.kind === 'value' ? step.field : undefined;
  const name = field && field.type !== 'time' && field.type !== 'duration' ? field.name : '';
  const prefix = step.typed.replaceAll('"', '').replaceAll('*', '');
  const { from, until } = rangeParams(range);
  useEffect(() => {
    setValues([]);
    if (!name) return undefined;
    const stop = new AbortController();
    const timer = window.setTimeout(() => {
      apiGet<Values>('values', { field: name, prefix, limit: MOST, from, until, filter }, stop.signal).then(
        (answer) => setValues(answer.values),
        () => undefined,
      );
    }, WAIT_MS);
    return () => {
      stop.abort();
      window.clearTimeout(timer);
    };
    // The range moves with each refresh; suggestions need not.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [name, prefix, filter]);
  return values;
}

function valueSuggestions(text: string, step: Step, found: Values['values']): Suggestion[] {
  const field = step.field;
  if (!field) return [];
  const before = text.slice(0, step.at);
  const make = (value: string, help: string): Suggestion => ({
    text: value, help, result: before + (value === 'null' ? value : quoteValue(value)), complete: true,
  });
  const typed = step.typed.toLowerCase();
  const seen = found.filter((v) => v.value !== null).map((v) => make(v.value ?? '', texts.filter.times(formatCount(v.count))));
  const names = new Set(seen.map((s) => s.text));
  const rest = [...(field.values ?? []), ...fixedValues(field)]
    .filter((v) => v.toLowerCase().startsWith(typed) && !names.has(v))
    .map((v) => ({ ...make(v, ''), result: before + v }));
  const absent = 'null'.startsWith(typed) ? [make('null', texts.filter.absent)] : [];
  return [...seen, ...rest.slice(0, MOST), ...absent];
}

export function useSuggestions(text: string, filter: string): Suggestion[] {
  const { fields } = useSession();
  const step = stepAt(text, fields);
  const values = useValues(step, filter);
  if (step.kind === 'field') return fieldSuggestions(text, step, fields);
  return step.kind === 'op' ? opSuggestions(text, step) : valueSuggestions(text, step, values);
}
