// SPDX-License-Identifier: Apache-2.0
// Bars as a list: names stay readable in full length, selectable and reachable by keyboard.
import { below, useFilterMenu } from '../filter/filter_menu';
import { formatShare } from '../lib/format';
import { texts } from '../texts';

export interface Rank {
  key: string | null;
  text: string;
  value: number | null;
  shown: string;
  color: string;
  errorShare?: number | null | undefined;
}

interface Props {
  field: string;
  ranks: Rank[];
  overall?: { shown: string; value: number | null };
  others?: { shown: string; value: number | null };
  label: string;
}

const WARN = 0.05;

function Side({ text, shown, part }: { text: string; shown: string; part: number }) {
  return (
    <li className="nf-rank nf-rank--side">
      <span className="nf-rank__name">{text}</span>
      <span className="nf-rank__bar"><span style={{ width: `${part * 100}%` }} /></span>
      <span className="nf-rank__value">{shown}</span>
      <span className="nf-rank__errors" />
    </li>
  );
}

export function RankList({ field, ranks, overall, others, label }: Props) {
  const open = useFilterMenu();
  const most = Math.max(...ranks.map((r) => r.value ?? 0), overall?.value ?? 0, Number.MIN_VALUE);
  return (
    <ul className="nf-ranks" aria-label={label}>
      {overall ? <Side text={texts.overall} shown={overall.shown} part={(overall.value ?? 0) / most} /> : null}
      {ranks.map((r) => (
        <li key={r.key ?? '\0'} className="nf-rank">
          <button
            type="button"
            className="nf-rank__name nf-link"
            title={r.text}
            onClick={(e) => open({ field, value: r.key, ...below(e.currentTarget) })}
          >
            {r.text}
          </button>
          <span className="nf-rank__bar" aria-hidden="true">
            <span style={{ width: `${((r.value ?? 0) / most) * 100}%`, background: r.color }} />
          </span>
          <span className="nf-rank__value">{r.shown}</span>
          <span className={(r.errorShare ?? 0) >= WARN ? 'nf-rank__errors nf-rank__errors--bad' : 'nf-rank__errors'}>
            {(r.errorShare ?? 0) > 0 ? texts.errorsOf(formatShare(r.errorShare)) : ''}
          </span>
        </li>
      ))}
      {others ? <Side text={texts.others} shown={others.shown} part={Math.min((others.value ?? 0) / most, 1)} /> : null}
    </ul>
  );
}
