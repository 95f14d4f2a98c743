// SPDX-License-Identifier: Apache-2.0
import { Button, Modal, ModalBody, ModalFooter, ModalHeader, Progress, Radio } from '@patternfly/react-core';
import { useRef, useState } from 'react';
import { ApiError } from '../api/client';
import type { Top } from '../api/types';
import { useQuery } from '../api/use_query';
import { useSession } from '../frame/session';
import { QueryError } from '../frame/states';
import { formatCount } from '../lib/format';
import { rangeParams } from '../lib/range';
import { openSink } from '../lib/sink';
import { texts } from '../texts';
import { useView } from '../url/use_view';
import { COLUMNS } from './columns';
import { exportRows, type ExportFormat } from './export_rows';

const TYPES: { [format in ExportFormat]: string } = { csv: 'text/csv', ndjson: 'application/x-ndjson', parquet: 'application/vnd.apache.parquet' };

export function ExportDialog({ shown, close }: { shown: string[]; close: () => void }) {
  const [view] = useView();
  const { range } = useSession();
  const [frozen] = useState(() => ({ ...rangeParams(range), filter: view.filter, order: view.order }));
  const total = useQuery<Top>('top', { from: frozen.from, until: frozen.until, filter: frozen.filter, by: 'outcome', metrics: 'count', limit: 1 }).data?.overall.count ?? 0;
  const [format, setFormat] = useState<ExportFormat>('csv');
  const [all, setAll] = useState(false);
  const [done, setDone] = useState<number>();
  const [error, setError] = useState<ApiError>();
  const stop = useRef<AbortController>();
  const t = texts.export;

  const start = async (): Promise<void> => {
    const sink = await openSink(`nameflow.${format}`, TYPES[format]);
    if (!sink) return;
    const mine = new AbortController();
    stop.current = mine;
    setDone(0);
    setError(undefined);
    // The number of the record in the store says nothing outside of it.
    const fields = all ? COLUMNS.map((c) => c.field).filter((f) => f !== 'seq') : shown;
    try {
      await exportRows({ format, fields, params: frozen }, sink, setDone, mine.signal);
      await sink.close();
      close();
    } catch (reason) {
      await sink.abort().catch(() => undefined);
      if (mine.signal.aborted) return;
      setDone(undefined);
      setError(reason instanceof ApiError ? reason : new ApiError('failed', { detail: String(reason) }));
    }
  };
  const leave = (): void => {
    stop.current?.abort();
    close();
  };
  return (
    <Modal isOpen onClose={leave} variant="small" aria-labelledby="nf-export">
      <ModalHeader title={t.title} labelId="nf-export" description={t.help(formatCount(total))} />
      <ModalBody>
        <div className="nf-radios" role="radiogroup" aria-label={t.format}>
          <Radio id="nf-csv" name="nf-format" label={t.csv} description={t.csvHelp} isChecked={format === 'csv'} onChange={() => setFormat('csv')} />
          <Radio id="nf-ndjson" name="nf-format" label={t.ndjson} description={t.ndjsonHelp} isChecked={format === 'ndjson'} onChange={() => setFormat('ndjson')} />
          <Radio id="nf-parquet" name="nf-format" label={t.parquet} description={t.parquetHelp} isChecked={format === 'parquet'} onChange={() => setFormat('parquet')} />
        </div>
        {format === 'ndjson' ? null : (
          <div className="nf-radios" role="radiogroup" aria-label={t.columns}>
            <Radio id="nf-shown" name="nf-columns" label={t.shown} isChecked={!all} onChange={() => setAll(false)} />
            <Radio id="nf-all" name="nf-columns" label={t.all} isChecked={all} onChange={() => setAll(true)} />
          </div>
        )}
        {done === undefined ? null : <Progress value={total > 0 ? Math.min(100, (done / total) * 100) : 0} title={t.progress(formatCount(done))} aria-label={t.title} />}
        {error ? <QueryError error={error} /> : null}
      </ModalBody>
      <ModalFooter>
        <Button onClick={() => void start()} isDisabled={done !== undefined}>{t.start}</Button>
        <Button variant="link" onClick={leave}>{texts.cancel}</Button>
      </ModalFooter>
    </Modal>
  );
}
