// SPDX-License-Identifier: Apache-2.0
import { useCallback, useMemo } from 'react';
import type { Top } from '../api/types';
import { useQuery } from '../api/use_query';
import { useSession } from '../frame/session';
import { joinTerms } from '../lib/filter_text';
import { rangeParams } from '../lib/range';
import { visible } from '../lib/visible';
import { texts } from '../texts';
import { useView } from '../url/use_view';
import { useTableExport } from './exports';
import { PanelState } from './panel_state';
import { PlainTableView } from './plain_table';
import { searchSuffixes } from './suffixes';

const NAMES = 1000;

/** Of the most frequent names: which NXDOMAIN come from search lists. */
export function SuffixesPanel({ top, title }: { top: number; title: string }) {
  const [view] = useView();
  const { range } = useSession();
  const ask = (filter: string) => ({ ...rangeParams(range), by: 'qname', metrics: 'count', limit: NAMES, filter: joinTerms([view.filter, filter]) });
  const missing = useQuery<Top>('top', ask('rcode=NXDOMAIN'));
  const found = useQuery<Top>('top', ask('rcode=NOERROR')).data;
  const table = useMemo(() => {
    const names = new Set((found?.groups ?? []).map((g) => g.key[0] ?? ''));
    const rows = searchSuffixes(missing.data?.groups ?? [], names).slice(0, top);
    const t = texts.suffixes;
    return { head: [t.suffix, t.count, t.names, t.example], rows: rows.map((r) => [visible(r.suffix), r.count, r.names, visible(r.example)]) };
  }, [missing.data, found, top]);
  useTableExport(useCallback(() => table, [table]));
  return (
    <PanelState query={missing} empty={table.rows.length === 0}>
      <PlainTableView table={table} label={title} />
    </PanelState>
  );
}
