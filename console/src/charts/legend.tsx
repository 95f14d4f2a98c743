// SPDX-License-Identifier: Apache-2.0
// Legends as text beside the canvas: readable, reachable by keyboard, each entry with its menu.
import { below, useFilterMenu } from '../filter/filter_menu';

export interface LegendEntry {
  text: string;
  color: string;
  /** undefined: stands for no value (a total, the others). */
  key?: string | null;
  /** Beside the name. */
  value?: string;
}

export function Legend({ field, entries, side }: { field: string; entries: LegendEntry[]; side?: boolean }) {
  const open = useFilterMenu();
  return (
    <ul className={side ? 'nf-legend nf-legend--side' : 'nf-legend'}>
      {entries.map((e) => (
        <li key={e.text}>
          <span className="nf-dot" style={{ background: e.color }} />
          {e.key === undefined ? (
            <span className="nf-legend__text">{e.text}</span>
          ) : (
            <button type="button" className="nf-legend__text" title={e.text} onClick={(event) => open({ field, value: e.key ?? null, ...below(event.currentTarget) })}>
              {e.text}
            </button>
          )}
          {e.value ? <span className="nf-legend__value">{e.value}</span> : null}
        </li>
      ))}
    </ul>
  );
}
