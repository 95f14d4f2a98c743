// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { joinTerms, negate, quoteValue, splitFilter, termFor, withTerm, withoutTerm } from '../src/lib/filter_text';

const texts = (filter: string): string[] => splitFilter(filter).map((t) => t.text);

describe('terms', () => {
  it.each([
    ['', []],
    ['a', ['a']],
    ['a and b', ['a', 'b']],
    ['rcode = SERVFAIL , REFUSED latency>100ms', ['rcode = SERVFAIL , REFUSED', 'latency>100ms']],
    ['qname="a b\\" c" x', ['qname="a b\\" c"', 'x']],
    ['not (a or b) c', ['not (a or b)', 'c']],
    ['not rcode=NOERROR', ['not rcode=NOERROR']],
    ['(a ")" b) c', ['(a ")" b)', 'c']],
    ['a b or c', ['a b or c']],
    ['edns.do=true hops>1', ['edns.do=true', 'hops>1']],
    ['latency=1ms..5ms', ['latency=1ms..5ms']],
    ['"or" a', ['"or"', 'a']],
  ])('%s', (filter, terms) => expect(texts(filter)).toEqual(terms));

  it('ends with every input, also with what is no filter', () => {
    for (const filter of ['=', '"', '((', ')', 'a=', 'a=,', '!', 'not', 'a!=~', '\\']) {
      expect(texts(filter).join('').length).toBeLessThanOrEqual(filter.length);
    }
  });

  it('tells field, operator and value', () => {
    expect(splitFilter('latency >= 1ms')[0]).toMatchObject({ field: 'latency', op: '>=', value: '1ms' });
  });
});

describe('changes', () => {
  it.each([
    ['rcode=NXDOMAIN', 'rcode!=NXDOMAIN'],
    ['qname!~*.x', 'qname~*.x'],
    ['latency>1s', 'not latency>1s'],
    ['not latency>1s', 'latency>1s'],
    ['example', 'not example'],
    ['a or b', 'not (a or b)'],
  ])('the opposite of %s', (term, opposite) => expect(negate(splitFilter(term)[0] ?? { text: '' })).toBe(opposite));

  it('replaces what the new term contradicts', () => {
    expect(withTerm('rcode=NXDOMAIN comm=dig', 'rcode=SERVFAIL')).toBe('comm=dig rcode=SERVFAIL');
    expect(withTerm('rcode!=NXDOMAIN', 'rcode=NXDOMAIN')).toBe('rcode=NXDOMAIN');
    expect(withTerm('flags=rd', 'flags=tc')).toBe('flags=rd flags=tc');
    expect(withTerm('a or b', 'c=1')).toBe('(a or b) c=1');
  });

  it('removes a term', () => {
    expect(withoutTerm('a b c', 1)).toBe('a c');
    expect(joinTerms(['', ' a '])).toBe('a');
  });

  it('quotes what needs it', () => {
    expect(termFor('comm', 'a b')).toBe('comm="a b"');
    expect(termFor('pid', null, true)).toBe('pid!=null');
    expect(quoteValue('null')).toBe('"null"');
    expect(quoteValue('a"b\\032')).toBe('"a\\"b\\\\032"');
    expect(quoteValue('1..2')).toBe('"1..2"');
  });
});
