// SPDX-License-Identifier: Apache-2.0
import { memo } from 'react';
import type { Transaction } from '../api/types';
import { latencyColor, outcomeColor, rcodeColor, type Theme } from '../lib/palette';
import type { Zone } from '../lib/time';
import { cellText } from './columns';
import type { Shown } from './grid';

interface Props {
  row: Transaction;
  index: number;
  top: number;
  height: number;
  grid: string;
  shown: Shown[];
  zone: Zone;
  theme: Theme;
  withDate: boolean;
  selected: boolean;
  activeColumn: number;
}

function dotOf(row: Transaction, field: string, theme: Theme): string | undefined {
  if (field === 'outcome') return outcomeColor(row.outcome, theme);
  if (field === 'rcode' && row.rcode) return rcodeColor(row.rcode, theme);
  if (field === 'latency_us' && (row.latency_us ?? 0) >= 100_000) return latencyColor(row.latency_us, theme);
  return undefined;
}

export const GridRow = memo(function GridRow(p: Props) {
  const { row, index, shown, theme, zone } = p;
  const bad = row.outcome !== 'answered' && row.outcome !== 'unsolicited';
  const name = `nf-grid__row${p.selected ? ' nf-grid__row--selected' : ''}${bad ? ' nf-grid__row--bad' : ''}`;
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={p.selected}
      className={name}
      style={{ gridTemplateColumns: p.grid, transform: `translateY(${p.top}px)`, height: p.height }}
    >
      {shown.map(({ column }, i) => {
        const text = cellText(row, column.field, zone, p.withDate);
        const dot = dotOf(row, column.field, theme);
        return (
          <div
            key={column.field}
            role="gridcell"
            id={`nf-cell-${index}-${i}`}
            data-cell={`${index},${i}`}
            title={text.length > 16 ? text : undefined}
            className={`nf-grid__cell${column.number ? ' nf-grid__cell--number' : ''}${column.filter === null ? '' : ' nf-grid__cell--more'}${i === p.activeColumn ? ' nf-grid__cell--active' : ''}`}
          >
            {dot ? <span className="nf-dot" style={{ background: dot }} /> : null}
            <span className="nf-grid__text">{text}</span>
          </div>
        );
      })}
    </div>
  );
});
