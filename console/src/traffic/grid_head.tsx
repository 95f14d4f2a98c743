// SPDX-License-Identifier: Apache-2.0
import { useState, type KeyboardEvent, type PointerEvent, type RefObject } from 'react';
import { useSession } from '../frame/session';
import { moved } from '../frame/manage';
import { texts } from '../texts';
import type { ColumnChoice } from '../url/state';
import { useView } from '../url/use_view';
import type { Shown } from './row_pool';

interface Props {
  box: RefObject<HTMLDivElement>;
  shown: Shown[];
  grid: string;
  columns: ColumnChoice[];
  setColumns: (columns: ColumnChoice[]) => void;
  least: number;
}

const NARROWEST = 48;
const KEY_STEP = 16;

function Handle({ title, width, resize }: { title: string; width: number; resize: (width: number) => void }) {
  const drag = (event: PointerEvent<HTMLSpanElement>): void => {
    event.preventDefault();
    const handle = event.currentTarget;
    const startX = event.clientX;
    const start = handle.parentElement?.getBoundingClientRect().width ?? width;
    handle.setPointerCapture(event.pointerId);
    const to = (x: number): number => Math.max(NARROWEST, Math.round(start + x - startX));
    const move = (e: globalThis.PointerEvent): void => resize(to(e.clientX));
    const up = (): void => {
      handle.removeEventListener('pointermove', move);
      handle.removeEventListener('pointerup', up);
    };
    handle.addEventListener('pointermove', move);
    handle.addEventListener('pointerup', up);
  };
  const keys = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowRight' ? KEY_STEP : event.key === 'ArrowLeft' ? -KEY_STEP : 0;
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    resize(Math.max(NARROWEST, width + by));
  };
  return (
    <span
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={texts.traffic.resize(title)}
      aria-valuenow={width}
      aria-valuemin={NARROWEST}
      aria-valuemax={1200}
      className="nf-grid__handle"
      onPointerDown={drag}
      onKeyDown={keys}
    />
  );
}

export function GridHead({ box, shown, grid, columns, setColumns, least }: Props) {
  const [view, change] = useView();
  const { fields } = useSession();
  const [drag, setDrag] = useState(-1);
  const orderable = (field: string): boolean => fields.find((f) => f.name === field)?.orderable ?? false;
  const sort = (field: string): void => {
    const order = view.order === `-${field}` ? field : `-${field}`;
    change({ order });
  };
  const drop = (to: number): void => {
    if (drag >= 0 && drag !== to) setColumns(moved(columns, drag, to));
    setDrag(-1);
  };
  const sorted = (field: string): 'ascending' | 'descending' | 'none' =>
    view.order === field ? 'ascending' : view.order === `-${field}` ? 'descending' : 'none';
  return (
    <div ref={box} role="rowgroup" className="nf-grid__head" style={{ minWidth: least }}>
      <div role="row" aria-rowindex={1} className="nf-grid__headrow" style={{ gridTemplateColumns: grid }}>
        {shown.map(({ column, width }, i) => {
          const title = texts.field(column.field);
          const state = sorted(column.field);
          const arrow = state === 'none' ? '' : state === 'ascending' ? ' ↑' : ' ↓';
          const name = `nf-grid__th${column.number ? ' nf-grid__th--number' : ''}`;
          return (
            // What is in it has the focus: the button that sorts, and the handle.
            // eslint-disable-next-line jsx-a11y/interactive-supports-focus
            <div
              key={column.field}
              role="columnheader"
              aria-sort={state}
              className={name}
              draggable
              onDragStart={() => setDrag(i)}
              onDragOver={(e) => e.preventDefault()}
              onDrop={() => drop(i)}
            >
              {orderable(column.field) ? (
                <button type="button" className="nf-grid__sort" title={title} onClick={() => sort(column.field)}>{title}{arrow}</button>
              ) : (
                <span className="nf-grid__sort" title={title}>{title}</span>
              )}
              <Handle
                title={title}
                width={width}
                resize={(w) => setColumns(columns.map((c) => (c.field === column.field ? { ...c, width: w } : c)))}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}
