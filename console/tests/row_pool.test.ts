// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Transaction } from '../src/api/types';
import { columnOf } from '../src/traffic/columns';
import { ACTIVE_ID, RowPool, type Picture, type Shown } from '../src/traffic/row_pool';

const HEIGHT = 32;
const IN_SIGHT = 10;

const row = (i: number): Transaction =>
  ({ seq: i + 1, time: '2026-01-02T03:04:05.006Z', outcome: i % 2 ? 'unanswered' : 'answered', qname: `n${i}.example` }) as Transaction;

const shown: Shown[] = ['outcome', 'qname'].flatMap((field) => {
  const column = columnOf(field);
  return column ? [{ column, width: 100, fixed: false }] : [];
});

let box: HTMLElement;
let body: HTMLElement;
let pool: RowPool;
const picture = (count: number, more: Partial<Picture> = {}): Picture => ({
  rows: Array.from({ length: count }, (_, i) => row(i)), shown, height: HEIGHT, zone: 'utc', theme: 'light',
  withDate: false, selected: '', active: { row: -1, column: 0 }, ...more,
});

const visibleRows = (): HTMLElement[] => [...body.querySelectorAll<HTMLElement>('[role=row]:not([hidden])')];
const indices = (): number[] => visibleRows().map((r) => Number(r.getAttribute('aria-rowindex')) - 2);
const number = (transform: string): number => Number(/translateY\((-?\d+)px\)/.exec(transform)?.[1]);
/** What each row says stands where a row of that number belongs. */
function expectRight(): void {
  for (const r of visibleRows()) {
    const index = Number(r.getAttribute('aria-rowindex')) - 2;
    expect(r.children[1]?.textContent).toBe(`n${index}.example`);
    expect(number(body.style.transform) + number(r.style.transform)).toBe(index * HEIGHT);
    expect(r.className.includes('nf-grid__row--bad')).toBe(index % 2 === 1);
  }
}
function scrollTo(index: number): number {
  box.scrollTop = index * HEIGHT;
  return pool.scrolled();
}

beforeEach(() => {
  vi.useFakeTimers();
  box = document.createElement('div');
  body = document.createElement('div');
  box.append(body);
  Object.defineProperty(box, 'clientHeight', { value: IN_SIGHT * HEIGHT });
  pool = new RowPool(box, document.createElement('div'), body);
});
afterEach(() => {
  vi.useRealTimers();
});

describe('rows in sight', () => {
  it('has those in sight and some around, however many there are', () => {
    pool.show(picture(100_000));
    expect(indices()).toEqual(Array.from({ length: 17 }, (_, i) => i));
    expectRight();
  });

  it('changes only what comes into sight, and elements are used again', () => {
    pool.show(picture(1000));
    scrollTo(20);
    vi.runAllTimers();
    const before = new Map(visibleRows().map((r) => [r.getAttribute('aria-rowindex'), r]));
    const elements = new Set(body.children);
    expect(scrollTo(22)).toBe(32);
    expectRight();
    for (const r of visibleRows()) {
      const old = before.get(r.getAttribute('aria-rowindex'));
      if (old) expect(r).toBe(old);
    }
    expect([...body.children].every((e) => elements.has(e))).toBe(true);
  });

  it('draws no more than what is in sight while everything passes, and the rest when it stands', () => {
    pool.show(picture(1000));
    scrollTo(500);
    expect(indices().length).toBe(11);
    scrollTo(300);
    expectRight();
    vi.runAllTimers();
    expect(indices()).toEqual(Array.from({ length: 23 }, (_, i) => 294 + i));
    expectRight();
  });

  it('stands in the document as it is read once nothing moves', () => {
    pool.show(picture(1000));
    for (const at of [3, 9, 8, 20, 15]) scrollTo(at);
    vi.runAllTimers();
    const order = indices();
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expectRight();
  });

  it('follows rows that grow, shrink and change, and other columns', () => {
    pool.show(picture(1000));
    scrollTo(900);
    box.scrollTop = 0;
    pool.show(picture(3));
    expect(indices()).toEqual([0, 1, 2]);
    expectRight();
    pool.show(picture(3, { selected: '2', active: { row: 1, column: 1 }, height: 24 }));
    expect(visibleRows().map((r) => r.getAttribute('aria-selected'))).toEqual(['false', 'true', 'false']);
    expect(body.querySelector(`#${ACTIVE_ID}`)?.textContent).toBe('n1.example');
    pool.show(picture(3, { shown: shown.slice(1) }));
    expect(visibleRows().map((r) => r.textContent)).toEqual(['n0.example', 'n1.example', 'n2.example']);
    expect(pool.find(visibleRows()[2]?.firstChild ?? null)).toEqual({ row: 2, column: 0 });
  });

  it('brings a row into sight', () => {
    pool.show(picture(1000));
    pool.reveal(700);
    expect(box.scrollTop).toBe(701 * HEIGHT - IN_SIGHT * HEIGHT);
    pool.reveal(5);
    expect(box.scrollTop).toBe(5 * HEIGHT);
    expectRight();
  });
});
