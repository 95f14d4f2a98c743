// SPDX-License-Identifier: Apache-2.0
// The table of transactions: what a person does with it. Its rows are drawn by row_pool.ts.
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import type { Transaction } from '../api/types';
import { useFilterMenu } from '../filter/filter_menu';
import { useSession } from '../frame/session';
import { texts } from '../texts';
import type { ColumnChoice, Density } from '../url/state';
import { useView } from '../url/use_view';
import { columnOf, filterOf } from './columns';
import { GridHead } from './grid_head';
import { ACTIVE_ID, RowPool, stretched, type CellAt, type Shown } from './row_pool';

export const ROW_HEIGHT: { [density in Density]: number } = { compact: 24, normal: 32, roomy: 42 };
const NEAR_END = 40;
/** Longer texts are likely cut off: pointed at, they are shown whole. */
const TITLE_LEAST = 16;
const MORE_PX = 28;

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

function shownColumns(columns: ColumnChoice[]): Shown[] {
  return columns.flatMap((c) => {
    const column = columnOf(c.field);
    return column ? [{ column, width: c.width ?? column.width, fixed: c.width !== undefined }] : [];
  });
}

function template(shown: Shown[]): string {
  const wide = stretched(shown);
  return shown.map((s, i) => (i === wide ? `minmax(${s.width}px, 1fr)` : `${s.width}px`)).join(' ');
}

/** The dots at the right end of a cell are drawn by the style sheet, so that no cell needs an
 * element more. */
function onMore(event: MouseEvent): boolean {
  const cell = event.target instanceof Element ? event.target.closest('.nf-grid__cell--more') : null;
  return cell !== null && event.clientX > cell.getBoundingClientRect().right - MORE_PX;
}

function wholeText(event: MouseEvent): void {
  const cell = event.target instanceof Element ? event.target.closest<HTMLElement>('.nf-grid__cell') : null;
  if (!cell) return;
  const text = cell.textContent;
  const title = text.length > TITLE_LEAST ? text : '';
  if (cell.title !== title) cell.title = title;
}

export function Grid({ rows, columns, setColumns, selected, select, nearEnd, scrolled, reveal, withDate }: Props) {
  const [view] = useView();
  const { theme } = useSession();
  const open = useFilterMenu();
  const box = useRef<HTMLDivElement>(null);
  const head = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const pool = useRef<RowPool>();
  const last = useRef(0);
  const [active, setActive] = useState<CellAt>({ row: -1, column: 0 });
  // The same as long as it says the same: rows are built anew for others.
  const chosen = JSON.stringify(columns);
  const shown = useMemo(() => shownColumns(JSON.parse(chosen) as ColumnChoice[]), [chosen]);
  const height = ROW_HEIGHT[view.density];
  const least = shown.reduce((sum, s) => sum + s.width, 0);
  const follow = (): void => {
    const { current } = pool;
    if (!current || !box.current) return;
    last.current = current.scrolled();
    scrolled(box.current.scrollTop > height);
    if (rows.length > 0 && last.current >= rows.length - NEAR_END) nearEnd();
  };
  const latest = useRef(follow);
  useLayoutEffect(() => {
    latest.current = follow;
  });
  useLayoutEffect(() => {
    if (!box.current || !head.current || !body.current) return undefined;
    const made = new RowPool(box.current, head.current, body.current);
    pool.current = made;
    const size = new ResizeObserver(() => latest.current());
    size.observe(box.current);
    return () => {
      size.disconnect();
      made.done();
    };
  }, []);
  useLayoutEffect(() => {
    pool.current?.show({ rows, shown, height, zone: view.zone, theme, withDate, selected, active });
  }, [rows, shown, height, view.zone, theme, withDate, selected, active]);
  useEffect(() => {
    if (rows.length > 0 && last.current >= rows.length - NEAR_END) nearEnd();
  }, [rows.length, nearEnd]);
  useEffect(() => {
    if (reveal >= 0) pool.current?.reveal(reveal);
  }, [reveal]);

  const menuAt = (at: CellAt): void => {
    const row = rows[at.row];
    const column = shown[at.column]?.column;
    const target = row && column && filterOf(row, column);
    const cell = pool.current?.cellAt(at)?.getBoundingClientRect();
    if (target && cell) open({ ...target, x: cell.left, y: cell.bottom });
  };
  const click = (event: MouseEvent): void => {
    const at = pool.current?.find(event.target);
    const row = at && rows[at.row];
    if (!at || !row) return;
    setActive(at);
    if (onMore(event)) menuAt(at);
    // Whoever marks text to copy it does not want the side panel.
    else if (!window.getSelection()?.toString()) select(row);
  };
  const go = (row: number, column: number): void => {
    const next = { row: Math.max(0, Math.min(row, rows.length - 1)), column: Math.max(0, Math.min(column, shown.length - 1)) };
    setActive(next);
    pool.current?.reveal(next.row);
    pool.current?.cellAt(next)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
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
      menuAt(active);
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
      {...(active.row >= 0 ? { 'aria-activedescendant': ACTIVE_ID } : {})}
      onKeyDown={keys}
      onClick={click}
      onMouseMove={wholeText}
      onContextMenu={(event) => {
        const at = pool.current?.find(event.target);
        if (!at) return;
        event.preventDefault();
        setActive(at);
        menuAt(at);
      }}
      onScroll={follow}
    >
      <GridHead box={head} shown={shown} grid={template(shown)} columns={columns} setColumns={setColumns} least={least} />
      <div className="nf-grid__room" role="presentation" style={{ height: rows.length * height, minWidth: least }}>
        <div ref={body} role="rowgroup" className="nf-grid__body" />
      </div>
    </div>
  );
}
