// SPDX-License-Identifier: Apache-2.0
// The rows in sight, however many are loaded. Drawn without React: while a table scrolls, all that a
// frame may do is to write the texts that differ into elements that stand at fixed places, each of
// which is laid out by itself.
import type { Transaction } from '../api/types';
import { latencyColor, outcomeColor, rcodeColor, type Theme } from '../lib/palette';
import type { Zone } from '../lib/time';
import { cellText, type Column } from './columns';
import { rowKey } from './row_key';

export interface Shown {
  column: Column;
  width: number;
  fixed: boolean;
}

export interface CellAt {
  row: number;
  column: number;
}

/** What is to be seen, wherever the table stands. */
export interface Picture {
  rows: Transaction[];
  shown: Shown[];
  height: number;
  zone: Zone;
  theme: Theme;
  withDate: boolean;
  /** The key of the row whose details are open. */
  selected: string;
  active: CellAt;
}

/** Rows kept ready above and below, for scrolling that shows before a script can run. */
const AROUND = 6;
const STILL_MS = 100;
const DOTTED = ['outcome', 'rcode', 'latency_us'];

function dotOf(row: Transaction, field: string, theme: Theme): string {
  if (field === 'outcome') return outcomeColor(row.outcome, theme);
  if (field === 'rcode' && row.rcode) return rcodeColor(row.rcode, theme);
  if (field === 'latency_us' && (row.latency_us ?? 0) >= 100_000) return latencyColor(row.latency_us, theme);
  return '';
}

/** The column that takes the room that is left: the name, or else the last one; -1: each has a width. */
export function stretched(shown: Shown[]): number {
  const name = shown.findIndex((s) => s.column.field === 'qname');
  const at = name < 0 ? shown.length - 1 : name;
  return shown[at]?.fixed ? -1 : at;
}

class Cell {
  readonly element = document.createElement('div');
  private readonly text = document.createTextNode('');
  private readonly dot: HTMLElement | undefined;
  private color = '';

  constructor(readonly column: Column, at: number) {
    const { element } = this;
    element.className = `nf-grid__cell${column.number ? ' nf-grid__cell--number' : ''}${column.filter === null ? '' : ' nf-grid__cell--more'}`;
    element.setAttribute('role', 'gridcell');
    element.setAttribute('aria-colindex', String(at + 1));
    if (DOTTED.includes(column.field)) {
      element.className += ' nf-grid__cell--dot';
      this.dot = element.appendChild(document.createElement('span'));
      this.dot.className = 'nf-dot';
    }
    element.append(this.text);
  }

  draw(row: Transaction, p: Picture): void {
    const text = cellText(row, this.column.field, p.zone, p.withDate);
    if (this.text.data !== text) this.text.data = text;
    if (!this.dot) return;
    const color = dotOf(row, this.column.field, p.theme);
    if (color === this.color) return;
    this.color = color;
    this.dot.style.background = color;
  }
}

class Slot {
  readonly element = document.createElement('div');
  readonly cells: Cell[];
  /** Of what it shows; -1: nothing. */
  index = -1;
  private row: Transaction | undefined;
  private round = -1;
  private top = -1;
  private name = '';

  constructor(shown: Shown[]) {
    this.element.setAttribute('role', 'row');
    this.element.setAttribute('aria-selected', 'false');
    this.cells = shown.map((s, i) => new Cell(s.column, i));
    this.element.append(...this.cells.map((c) => c.element));
  }

  /** Cells before the stretched one stand from the left, those after it from the right. */
  place(shown: Shown[], height: number): void {
    const wide = stretched(shown);
    const sum = (list: Shown[]): string => `${list.reduce((all, s) => all + s.width, 0)}px`;
    this.element.style.height = `${height}px`;
    this.cells.forEach(({ element: { style } }, i) => {
      const after = wide >= 0 && i > wide;
      style.left = after ? '' : sum(shown.slice(0, i));
      style.right = after || i === wide ? sum(shown.slice(i + 1)) : '';
      style.width = i === wide ? '' : `${shown[i]?.width ?? 0}px`;
    });
  }

  /** `top`: from where the pool stands. `round` grows whenever a row may have to be written otherwise. */
  draw(index: number, top: number, p: Picture, round: number): void {
    const row = p.rows[index];
    if (!row) return;
    if (this.top !== top) {
      this.top = top;
      this.element.style.transform = `translateY(${top}px)`;
    }
    if (this.index !== index) {
      if (this.index < 0) this.element.hidden = false;
      this.index = index;
      this.element.setAttribute('aria-rowindex', String(index + 2));
    } else if (this.row === row && this.round === round) return;
    if (this.row !== row || this.round !== round) for (const cell of this.cells) cell.draw(row, p);
    this.row = row;
    this.round = round;
    this.mark(rowKey(row) === p.selected, row);
  }

  hide(): void {
    if (this.index < 0) return;
    this.index = -1;
    this.element.hidden = true;
  }

  private mark(selected: boolean, row: Transaction): void {
    const bad = row.outcome !== 'answered' && row.outcome !== 'unsolicited';
    const name = `nf-grid__row${selected ? ' nf-grid__row--selected' : ''}${bad ? ' nf-grid__row--bad' : ''}`;
    if (name === this.name) return;
    this.name = name;
    this.element.className = name;
    this.element.setAttribute('aria-selected', String(selected));
  }
}

export const ACTIVE_ID = 'nf-active-cell';

export class RowPool {
  private slots: Slot[] = [];
  private picture: Picture | undefined;
  private round = 0;
  /** The row at the top of the pool. */
  private base = 0;
  private active: HTMLElement | undefined;
  private moving = false;
  private still = 0;

  /** `box` scrolls; `body`, which holds the rows, is in it, below `head`, which stays. */
  constructor(private readonly box: HTMLElement, private readonly head: HTMLElement, private readonly body: HTMLElement) {}

  show(picture: Picture): void {
    const old = this.picture;
    this.picture = picture;
    this.round += 1;
    if (old?.shown !== picture.shown || old.height !== picture.height) this.rebuild(picture, old?.shown);
    this.draw();
  }

  /** To be called when the table was scrolled. The index of the last row in sight. */
  scrolled(): number {
    this.moving = true;
    window.clearTimeout(this.still);
    this.still = window.setTimeout(() => this.settle(), STILL_MS);
    return this.draw();
  }

  done(): void {
    window.clearTimeout(this.still);
    this.body.replaceChildren();
    this.slots = [];
  }

  cellAt(at: CellAt): HTMLElement | undefined {
    return this.slots.find((s) => s.index === at.row)?.cells[at.column]?.element;
  }

  /** Where the element is a part of a cell. */
  find(target: EventTarget | null): CellAt | undefined {
    const cell = target instanceof Element ? target.closest('.nf-grid__cell') : null;
    const slot = cell && this.slots.find((s) => s.element === cell.parentElement);
    return slot ? { row: slot.index, column: slot.cells.findIndex((c) => c.element === cell) } : undefined;
  }

  /** A row into sight, the head not being above it. */
  reveal(index: number): void {
    const height = this.picture?.height ?? 0;
    const room = this.box.clientHeight - this.head.offsetHeight;
    const top = index * height;
    if (top < this.box.scrollTop) this.box.scrollTop = top;
    else if (top + height > this.box.scrollTop + room) this.box.scrollTop = top + height - room;
    this.draw();
  }

  private rebuild(p: Picture, old: Shown[] | undefined): void {
    const same = old?.length === p.shown.length && old.every((s, i) => s.column === p.shown[i]?.column);
    if (!same) this.done();
    for (const slot of this.slots) {
      slot.place(p.shown, p.height);
      slot.hide();
    }
  }

  private draw(): number {
    const p = this.picture;
    if (!p) return 0;
    const first = Math.floor(this.box.scrollTop / p.height);
    const end = Math.min(first + Math.ceil(this.box.clientHeight / p.height) + 1, p.rows.length);
    const jump = !this.slots.some((s) => s.index >= first && s.index < end);
    const around = jump && this.moving ? 0 : AROUND;
    this.assign(p, Math.max(0, Math.min(first, end) - around), Math.min(p.rows.length, end + around));
    this.mark(p);
    return end - 1;
  }

  private assign(p: Picture, from: number, until: number): void {
    const kept = new Map<number, Slot>();
    const free: Slot[] = [];
    for (const slot of this.slots) {
      if (slot.index >= from && slot.index < until) kept.set(slot.index, slot);
      else free.push(slot);
    }
    // Nothing stays: all move at once, and no row for itself.
    if (kept.size === 0) this.move(p, from);
    free.reverse();
    for (let index = from; index < until; index += 1) {
      const slot = kept.get(index) ?? free.pop() ?? this.add(p);
      slot.draw(index, (index - this.base) * p.height, p, this.round);
    }
    for (const slot of free) slot.hide();
  }

  private move(p: Picture, base: number): void {
    this.base = base;
    this.body.style.transform = `translateY(${base * p.height}px)`;
  }

  private add(p: Picture): Slot {
    const slot = new Slot(p.shown);
    slot.place(p.shown, p.height);
    this.slots.push(slot);
    this.body.append(slot.element);
    return slot;
  }

  private mark(p: Picture): void {
    const cell = p.active.row < 0 ? undefined : this.cellAt(p.active);
    if (cell === this.active) return;
    this.active?.classList.remove('nf-grid__cell--active');
    this.active?.removeAttribute('id');
    cell?.classList.add('nf-grid__cell--active');
    cell?.setAttribute('id', ACTIVE_ID);
    this.active = cell;
  }

  /** Once nothing moves any more, there are rows around those in sight, and all stand in the document
   * in the order in which they are read. */
  private settle(): void {
    this.moving = false;
    this.draw();
    if (window.getSelection()?.isCollapsed === false) return;
    this.slots.sort((a, b) => a.index - b.index);
    this.slots.forEach((slot, i) => {
      const there = this.body.children[i];
      if (there !== slot.element) this.body.insertBefore(slot.element, there ?? null);
    });
  }
}
