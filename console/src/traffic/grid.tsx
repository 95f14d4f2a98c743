// SPDX-License-Identifier: Apache-2.0
// The table of transactions. Only rows in sight are in the document, however many are loaded.
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import type { Transaction } from '../api/types';
import { useFilterMenu } from '../filter/filter_menu';
import { useSession } from '../frame/session';
import { texts } from '../texts';
import type { ColumnChoice, Density } from '../url/state';
import { useView } from '../url/use_view';
import { columnOf, filterOf, type Column } from './columns';
import { GridHead } from './grid_head';
import { GridRow } from './grid_row';
import { rowKey } from './row_key';

export const ROW_HEIGHT: { [density in Density]: number } = { compact: 24, normal: 32, roomy: 42 };
const NEAR_END = 40;
const OVERSCAN = 6;
/** Elements of rows that leave are used again for those that come: changing texts is cheaper than
 * making elements. More than are ever in sight at once. */
const POOL = 256;

interface Props {
  rows: Transaction[];
  columns: ColumnChoice[];
  setColumns: (columns: ColumnChoice[]) => void;
  selected: string;
  select: (row: Transaction) => void;
  nearEnd: () => void;
  scrolled: (away: boolean) => void;
  /** A row to bring into sight. */
  reveal: number;
  withDate: boolean;
}

export interface Shown {
  column: Column;
  width: number;
  fixed: boolean;
}

export function shownColumns(columns: ColumnChoice[]): Shown[] {
  return columns.flatMap((c) => {
    const column = columnOf(c.field);
    return column ? [{ column, width: c.width ?? column.width, fixed: c.width !== undefined }] : [];
  });
}

/** The name takes the room that is left; without a name, the last column does. */
export function template(shown: Shown[]): string {
  const stretch = shown.some((s) => s.column.field === 'qname') ? 'qname' : shown[shown.length - 1]?.column.field;
  return shown.map((s) => (s.column.field === stretch && !s.fixed ? `minmax(${s.width}px, 1fr)` : `${s.width}px`)).join(' ');
}

/** The dots at the right end of a cell are drawn by the style sheet, so that no cell needs an
 * element more. */
function onMore(event: MouseEvent): boolean {
  const cell = event.target instanceof Element ? event.target.closest('.nf-grid__cell--more') : null;
  return cell !== null && event.clientX > cell.getBoundingClientRect().right - MORE_PX;
}

const MORE_PX = 28;

interface Active {
  row: number;
  column: number;
}

export function Grid({ rows, columns, setColumns, selected, select, nearEnd, scrolled, reveal, withDate }: Props) {
  const [view] = useView();
  const { theme } = useSession();
  const open = useFilterMenu();
  const box = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<Active>({ row: -1, column: 0 });
  const shown = useMemo(() => shownColumns(columns), [columns]);
  const grid = template(shown);
  const height = ROW_HEIGHT[view.density];
  const least = shown.reduce((sum, s) => sum + s.width, 0);
  const virtual = useVirtualizer({
    count: rows.length, getScrollElement: () => box.current, estimateSize: () => height, overscan: OVERSCAN,
  });
  useEffect(() => virtual.measure(), [height, virtual]);
  const items = virtual.getVirtualItems();
  const last = items[items.length - 1]?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - NEAR_END) nearEnd();
  }, [last, rows.length, nearEnd]);
  useEffect(() => {
    if (reveal >= 0) virtual.scrollToIndex(reveal, { align: 'auto' });
  }, [reveal, virtual]);

  const menuAt = (r: number, c: number): void => {
    const row = rows[r];
    const column = shown[c]?.column;
    const target = row && column && filterOf(row, column);
    const cell = box.current?.querySelector(`#nf-cell-${r}-${c}`)?.getBoundingClientRect();
    if (target && cell) open({ ...target, x: cell.left, y: cell.bottom });
  };
  const find = (event: MouseEvent): Active | undefined => {
    const cell = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-cell]') : null;
    const [row, column] = (cell?.dataset['cell'] ?? '').split(',').map(Number);
    return cell && row !== undefined && column !== undefined ? { row, column } : undefined;
  };
  const click = (event: MouseEvent): void => {
    const at = find(event);
    const row = at && rows[at.row];
    if (!at || !row) return;
    setActive(at);
    if (onMore(event)) menuAt(at.row, at.column);
    // Whoever marks text to copy it does not want the side panel.
    else if (!window.getSelection()?.toString()) select(row);
  };
  const go = (row: number, column: number): void => {
    const next = { row: Math.max(0, Math.min(row, rows.length - 1)), column: Math.max(0, Math.min(column, shown.length - 1)) };
    setActive(next);
    virtual.scrollToIndex(next.row, { align: 'auto' });
    box.current?.querySelector(`#nf-cell-${next.row}-${next.column}`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  };
  const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 400) / height) - 2);
  const moves: { [key: string]: [number, number] } = {
    ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], j: [1, 0], k: [-1, 0],
    PageDown: [page, 0], PageUp: [-page, 0], Home: [-rows.length, 0], End: [rows.length, 0],
  };
  const keys = (event: KeyboardEvent): void => {
    if (event.target !== box.current) return;
    const move = moves[event.key];
    const row = rows[active.row];
    if (move && !event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      go(active.row + move[0], active.column + move[1]);
    } else if (event.key === 'Enter' && row) select(row);
    else if ((event.key === 'f' || event.key === 'ContextMenu') && row) {
      event.preventDefault();
      menuAt(active.row, active.column);
    }
  };
  return (
    <div
      ref={box}
      className={`nf-grid nf-grid--${view.density}`}
      role="grid"
      tabIndex={0}
      aria-label={texts.traffic.table}
      aria-rowcount={rows.length + 1}
      aria-colcount={shown.length}
      {...(active.row >= 0 ? { 'aria-activedescendant': `nf-cell-${active.row}-${active.column}` } : {})}
      onKeyDown={keys}
      onClick={click}
      onContextMenu={(event) => {
        const at = find(event);
        if (!at) return;
        event.preventDefault();
        setActive(at);
        menuAt(at.row, at.column);
      }}
      onScroll={(event) => scrolled(event.currentTarget.scrollTop > height)}
    >
      <GridHead shown={shown} grid={grid} columns={columns} setColumns={setColumns} least={least} />
      <div role="rowgroup" className="nf-grid__body" style={{ height: virtual.getTotalSize(), minWidth: least }}>
        {items.map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          const key = rowKey(row);
          return (
            <GridRow
              key={item.index % POOL}
              row={row}
              index={item.index}
              top={item.start}
              height={height}
              grid={grid}
              shown={shown}
              zone={view.zone}
              theme={theme}
              withDate={withDate}
              selected={key === selected}
              activeColumn={item.index === active.row ? active.column : -1}
            />
          );
        })}
      </div>
    </div>
  );
}
