// SPDX-License-Identifier: Apache-2.0
import { Button, ClipboardCopyButton, Tab, Tabs, TabTitleText } from '@patternfly/react-core';
import DownIcon from '@patternfly/react-icons/dist/esm/icons/angle-down-icon';
import TimesIcon from '@patternfly/react-icons/dist/esm/icons/times-icon';
import UpIcon from '@patternfly/react-icons/dist/esm/icons/angle-up-icon';
import { useEffect, useRef, useState } from 'react';
import type { ApiError } from '../api/client';
import type { Transaction, TransactionsPage } from '../api/types';
import { useQuery } from '../api/use_query';
import { Bones, QueryError } from '../frame/states';
import { copyText } from '../lib/clipboard';
import { visible } from '../lib/visible';
import { texts } from '../texts';
import { useView } from '../url/use_view';
import { Details } from './details';
import { requestFor } from './row_key';

interface Props {
  id: string;
  /** The row, when it is among those loaded. */
  known: Transaction | undefined;
  step: (by: number) => void;
  close: () => void;
}

/** JSON with one key a line, and hidden characters visible. */
export const rawText = (row: Transaction): string => JSON.stringify(row, null, 2).split('\n').map(visible).join('\n');

function Raw({ row }: { row: Transaction }) {
  const [copied, setCopied] = useState(false);
  const json = JSON.stringify(row);
  return (
    <div className="nf-raw">
      <ClipboardCopyButton
        id="nf-copy-json"
        variant="plain"
        aria-label={texts.row.copy}
        onClick={() => {
          void copyText(json).then(setCopied);
          window.setTimeout(() => setCopied(false), 2000);
        }}
      >
        {copied ? texts.copied : texts.row.copy}
      </ClipboardCopyButton>
      <pre role="region" aria-label={texts.row.raw} tabIndex={0}>{rawText(row)}</pre>
    </div>
  );
}

function TabBody({ row, tab, error }: { row: Transaction | undefined; tab: 'details' | 'raw'; error: ApiError | undefined }) {
  const [view] = useView();
  if (!row) return error ? <QueryError error={error} /> : <Bones lines={10} />;
  return tab === 'raw' ? <Raw row={row} /> : <Details row={row} zone={view.zone} />;
}

export function RowPanel({ id, known, step, close }: Props) {
  const [view, change] = useView();
  const heading = useRef<HTMLHeadingElement>(null);
  const request = known ? null : requestFor(id);
  const query = useQuery<Transaction | TransactionsPage>(request?.path ?? null, request?.params ?? {});
  const found = query.data && 'transactions' in query.data ? query.data.transactions[0] : query.data;
  const row = known ?? found;
  useEffect(() => heading.current?.focus(), []);
  return (
    <aside
      className="nf-side"
      aria-label={texts.row.label}
      onKeyDown={(e) => {
        if (e.key === 'Escape') close();
        if (e.target instanceof HTMLInputElement || e.ctrlKey || e.metaKey) return;
        if (e.key === 'j' || (e.altKey && e.key === 'ArrowDown')) step(1);
        if (e.key === 'k' || (e.altKey && e.key === 'ArrowUp')) step(-1);
      }}
    >
      <header className="nf-side__head">
        <h2 ref={heading} tabIndex={-1} title={visible(row?.qname ?? '')}>{row ? visible(row.qname ?? texts.none) : texts.row.label}</h2>
        <Button variant="plain" size="sm" icon={<UpIcon />} aria-label={texts.row.previous} title={texts.row.previous} onClick={() => step(-1)} />
        <Button variant="plain" size="sm" icon={<DownIcon />} aria-label={texts.row.next} title={texts.row.next} onClick={() => step(1)} />
        <Button variant="plain" size="sm" icon={<TimesIcon />} aria-label={texts.close} onClick={close} />
      </header>
      <Tabs activeKey={view.tab} onSelect={(_, key) => change({ tab: key === 'raw' ? 'raw' : 'details' }, true)} aria-label={texts.row.label}>
        <Tab eventKey="details" tabContentId="nf-tab-details" title={<TabTitleText>{texts.row.details}</TabTitleText>} />
        <Tab eventKey="raw" tabContentId="nf-tab-raw" title={<TabTitleText>{texts.row.raw}</TabTitleText>} />
      </Tabs>
      {(['details', 'raw'] as const).map((tab) => (
        <div key={tab} id={`nf-tab-${tab}`} role="tabpanel" aria-label={texts.row[tab]} className="nf-side__body" hidden={tab !== view.tab}>
          {tab === view.tab ? <TabBody row={row} tab={tab} error={query.error} /> : null}
        </div>
      ))}
    </aside>
  );
}
