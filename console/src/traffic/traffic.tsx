// SPDX-License-Identifier: Apache-2.0
import { Button } from '@patternfly/react-core';
import ColumnsIcon from '@patternfly/react-icons/dist/esm/icons/columns-icon';
import ChartIcon from '@patternfly/react-icons/dist/esm/icons/outlined-chart-bar-icon';
import DownloadIcon from '@patternfly/react-icons/dist/esm/icons/download-icon';
import PauseIcon from '@patternfly/react-icons/dist/esm/icons/pause-icon';
import PlayIcon from '@patternfly/react-icons/dist/esm/icons/play-icon';
import { useCallback, useMemo, useState } from 'react';
import type { Transaction } from '../api/types';
import { useOutcomes } from '../api/use_outcomes';
import { Choice } from '../frame/choice';
import { Manage } from '../frame/manage';
import { useSession } from '../frame/session';
import { Bones, Nothing, QueryError, SlowBar } from '../frame/states';
import { formatCount } from '../lib/format';
import { texts } from '../texts';
import { DENSITIES, type ColumnChoice } from '../url/state';
import { useView } from '../url/use_view';
import { COLUMNS, DEFAULT_COLUMNS, defaultColumns } from './columns';
import { ExportDialog } from './export_dialog';
import { Grid } from './grid';
import { TrafficHistogram } from './histogram';
import { identity, rowKey } from './row_key';
import { RowPanel } from './row_panel';
import { useLive } from './use_live';
import { useRows } from './use_rows';

const t = texts.traffic;

function Tools({ found, live, open }: { found: number | undefined; live: boolean; open: (what: 'columns' | 'export') => void }) {
  const [view, change] = useView();
  return (
    <div className="nf-tools nf-tools--traffic">
      <span className="nf-dim" role="status">{found === undefined ? '' : t.found(formatCount(found))}</span>
      <Button
        variant={live ? 'primary' : 'secondary'}
        size="sm"
        icon={live ? <PauseIcon /> : <PlayIcon />}
        aria-pressed={live}
        onClick={() => change(live ? { refresh: 'off' } : { refresh: 'live', until: 'now', from: view.from.startsWith('-') ? view.from : '-15m', order: '-time' })}
      >
        {t.live}
      </Button>
      <Button variant="plain" size="sm" icon={<ChartIcon />} aria-pressed={view.histogram} aria-label={t.histogram} title={t.histogram} onClick={() => change({ histogram: !view.histogram })} />
      <Choice label={t.density} size="sm" value={view.density} options={DENSITIES.map((value) => ({ value, text: texts.densities[value] }))} choose={(density) => change({ density })} />
      <Button variant="secondary" size="sm" icon={<ColumnsIcon />} onClick={() => open('columns')}>{t.columns}</Button>
      <Button variant="secondary" size="sm" icon={<DownloadIcon />} onClick={() => open('export')}>{t.export}</Button>
    </div>
  );
}

function ManageColumns({ columns, close }: { columns: ColumnChoice[]; close: () => void }) {
  const [, change] = useView();
  const { fields } = useSession();
  const entries = useMemo(
    () => COLUMNS.map((c) => ({ id: c.field, title: texts.field(c.field), help: fields.find((f) => f.name === c.field)?.help ?? c.field })),
    [fields],
  );
  return (
    <Manage
      title={t.manage}
      help={t.manageHelp}
      entries={entries}
      shown={columns.map((c) => c.field)}
      standard={DEFAULT_COLUMNS.map((c) => c.field)}
      save={(ids) => change({ columns: ids && ids.map((id) => columns.find((c) => c.field === id) ?? { field: id }) })}
      close={close}
    />
  );
}

/** Live rows before the loaded ones, each once. */
function merged(live: Transaction[], loaded: Transaction[]): Transaction[] {
  if (live.length === 0) return loaded;
  const seen = new Set(live.map(identity));
  return [...live, ...loaded.filter((r) => !seen.has(identity(r)))];
}

export default function Traffic() {
  const [view, change] = useView();
  const { range } = useSession();
  const [away, setAway] = useState(false);
  const [dialog, setDialog] = useState<'columns' | 'export'>();
  const live = view.refresh === 'live';
  const stream = useLive(live, view.filter, away);
  const page = useRows(away || live);
  const found = useOutcomes(view.filter).data?.overall.count ?? undefined;
  const rows = useMemo(() => merged(stream.rows, page.rows), [stream.rows, page.rows]);
  const columns = view.columns ?? defaultColumns();
  const at = view.row ? rows.findIndex((r) => rowKey(r) === view.row) : -1;
  const select = useCallback((row: Transaction) => change({ row: rowKey(row) }, true), [change]);
  const step = (by: number): void => {
    const next = rows[at + by];
    if (at >= 0 && next) select(next);
  };
  const { loadMore } = page;
  const setColumns = useCallback((next: ColumnChoice[]) => change({ columns: next }, true), [change]);
  if (page.error && (rows.length === 0 || page.error.failure === 'refused')) return <QueryError error={page.error} />;
  return (
    <>
      {view.histogram ? <TrafficHistogram /> : null}
      <Tools found={found} live={live} open={setDialog} />
      {page.slow ? <SlowBar cancel={page.cancel} /> : null}
      {stream.missed > 0 ? <p className="nf-warn nf-note">{t.missed(formatCount(stream.missed))}</p> : null}
      <div className="nf-traffic">
        {!page.loaded && page.loading ? <div className="nf-grid"><Bones lines={14} /></div> : null}
        {page.loaded && rows.length === 0 ? <div className="nf-grid"><Nothing /></div> : null}
        {rows.length > 0 ? (
          <div className="nf-traffic__table">
            {stream.waiting > 0 ? (
              <Button className="nf-waiting" size="sm" onClick={() => { stream.show(); document.querySelector('.nf-grid')?.scrollTo({ top: 0 }); }}>
                {t.waiting(formatCount(stream.waiting))}
              </Button>
            ) : null}
            <Grid
              rows={rows}
              columns={columns}
              setColumns={setColumns}
              selected={view.row}
              select={select}
              nearEnd={loadMore}
              scrolled={setAway}
              reveal={at}
              withDate={range.untilMs - range.fromMs > 864e5}
            />
          </div>
        ) : null}
        {view.row ? <RowPanel id={view.row} known={rows[at]} step={step} close={() => change({ row: '' }, true)} /> : null}
      </div>
      {dialog === 'columns' ? <ManageColumns columns={columns} close={() => setDialog(undefined)} /> : null}
      {dialog === 'export' ? <ExportDialog shown={columns.map((c) => c.field)} close={() => setDialog(undefined)} /> : null}
    </>
  );
}
