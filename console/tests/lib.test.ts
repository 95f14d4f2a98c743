// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { csvCell, csvLine } from '../src/lib/csv';
import { formatBytes, formatChange, formatCount, formatLatency, formatRate, formatShare } from '../src/lib/format';
import { previous, rangeOf } from '../src/lib/range';
import { formatRecordTime, fromInput, momentMs, toInput } from '../src/lib/time';
import { shorten, visible } from '../src/lib/visible';

describe('numbers', () => {
  it.each([
    [null, '–'], [0, '0 µs'], [999, '999 µs'], [1300, '1.3 ms'], [12340, '12.3 ms'], [1234567, '1.23 s'], [NaN, '–'],
  ])('latency %s', (us, text) => expect(formatLatency(us)).toBe(text));
  it('counts, rates, shares, sizes, changes', () => {
    expect([formatCount(9999), formatCount(12000), formatCount(2.5e6)]).toEqual(['9999', '12 k', '2.5 M']);
    expect([formatRate(12000), formatRate(0.5), formatRate(0.001), formatRate(0)]).toEqual(['12 k/s', '0.5 /s', '< 0.01 /s', '0 /s']);
    expect([formatShare(0), formatShare(0.00001), formatShare(0.99999), formatShare(1)]).toEqual(['0 %', '< 0.01 %', '> 99.99 %', '100 %']);
    expect([formatBytes(512), formatBytes(2048)]).toEqual(['512 B', '2 KiB']);
    expect([formatChange(112, 100), formatChange(50, 100), formatChange(1, 0), formatChange(2000, 100)]).toEqual(['+12 %', '−50 %', '', '×20']);
  });
});

describe('hostile texts', () => {
  it('makes visible what hides or turns', () => {
    expect(visible('a\u202Eb\u2066c\u200Bd\u0000e\u007Ff\uFEFF')).toBe('a‹U+202E›b‹U+2066›c‹U+200B›d‹U+0000›e‹U+007F›f‹U+FEFF›');
    expect(visible('<img src=x>')).toBe('<img src=x>');
    expect(visible('bücher.example')).toBe('bücher.example');
  });
  it('keeps both ends of a long name', () => {
    expect(shorten('abcdefghij', 6)).toBe('abc…ij');
    expect(shorten('abc', 6)).toBe('abc');
  });
  it.each([
    ['=1+1', "'=1+1"], ['+x', "'+x"], ['-x', "'-x"], ['@x', "'@x"], [' =1', "' =1"], ['\t=1', "'\t=1"],
    ['=a,"b"', '"\'=a,""b"""'], ['-5', '-5'], [-5, '-5'], ['a,b', '"a,b"'], ['a\nb', '"a\nb"'], [undefined, ''], [[{ data: 'x' }], '"[{""data"":""x""}]"'],
  ])('CSV cell %j', (value, cell) => expect(csvCell(value)).toBe(cell));
  it('CSV lines end as RFC 4180 says', () => expect(csvLine(['a', 1, null])).toBe('a,1,\r\n'));
});

describe('time', () => {
  const now = Date.parse('2026-11-24T12:00:00Z');
  it('understands moments', () => {
    expect(momentMs('-15m', now)).toBe(now - 900_000);
    expect(momentMs('now', now)).toBe(now);
    expect(momentMs('2026-11-24T11:00:00Z', now)).toBe(now - 3_600_000);
    expect(momentMs('yesterday', now)).toBeNaN();
  });
  it('makes a range of whatever it gets', () => {
    expect(rangeOf('-1h', 'now', now)).toEqual({ fromMs: now - 3_600_000, untilMs: now });
    expect(rangeOf('x', 'y', now)).toEqual({ fromMs: now - 900_000, untilMs: now });
    expect(previous({ fromMs: 10, untilMs: 15 })).toEqual({ fromMs: 5, untilMs: 10 });
  });
  it('writes the digits that a record has', () => {
    expect(formatRecordTime('2026-11-24T05:06:07.123456789Z', 'utc', 6, true)).toBe('2026-11-24 05:06:07.123456');
    expect(formatRecordTime('nonsense', 'utc')).toBe('nonsense');
  });
  it('comes back from an input', () => {
    expect(fromInput(toInput(now, 'utc'), 'utc')).toBe(now);
    expect(fromInput(toInput(now, 'local'), 'local')).toBe(now);
  });
});
