// SPDX-License-Identifier: Apache-2.0
import type { PlainTable } from './exports';

interface Props {
  table: PlainTable;
  label: string;
  format?: (value: number, column: number) => string;
}

export function PlainTableView({ table, label, format }: Props) {
  const cell = (value: string | number | null, column: number): string => {
    if (value === null) return '–';
    if (typeof value === 'string') return value;
    return format ? format(value, column) : value.toLocaleString('en', { maximumFractionDigits: 3 });
  };
  return (
    <div className="nf-scroll" tabIndex={0} role="region" aria-label={label}>
      <table className="nf-table">
        <thead>
          <tr>{table.head.map((h, i) => <th key={`${i}${h}`} scope="col" className={i > 0 ? 'nf-num' : undefined}>{h}</th>)}</tr>
        </thead>
        <tbody>
          {table.rows.map((row, r) => (
            <tr key={r}>
              {row.map((value, i) => (i === 0
                ? <th key={i} scope="row" title={String(value)}><span className="nf-cut">{cell(value, i)}</span></th>
                : <td key={i} className="nf-num">{cell(value, i)}</td>))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
