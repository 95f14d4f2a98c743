// SPDX-License-Identifier: Apache-2.0
import { Button, Modal, ModalBody, ModalFooter, ModalHeader, Progress, Radio } from '@patternfly/react-core';
import { useRef, useState } from 'react';
import { ApiError } from '../api/client';
import type { Top } from '../api/types';
import { useQuery } from '../api/use_query';
import { useSession } from '../frame/session';
import { QueryError } from '../frame/states';
import { download } from '../lib/csv';
import { formatCount } from '../lib/format';
import { rangeParams } from '../lib/range';
import { texts } from '../texts';
import { useView } from '../url/use_view';
import { COLUMNS } from './columns';
import { exportRows, type ExportFormat } from './export_rows';

const TYPES: { [format in ExportFormat]: string } = { csv: 'text/csv', ndjson: 'application/x-ndjson' };

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
    stop.current = new AbortController();
    setDone(0);
    setError(undefined);
    const fields = all ? COLUMNS.map((c) => c.field) : shown;
    try {
      const parts = await exportRows({ format, fields, params: frozen }, setDone, stop.current.signal);
      download(`nameflow.${format}`, parts, TYPES[format]);
      close();
    } catch (reason) {
      setDone(undefined);
      if (reason instanceof ApiError) setError(reason);
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
        </div>
        {format === 'csv' ? (
          <div className="nf-radios" role="radiogroup" aria-label={t.columns}>
            <Radio id="nf-shown" name="nf-columns" label={t.shown} isChecked={!all} onChange={() => setAll(false)} />
            <Radio id="nf-all" name="nf-columns" label={t.all} isChecked={all} onChange={() => setAll(true)} />
          </div>
        ) : null}
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
