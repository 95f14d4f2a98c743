// SPDX-License-Identifier: Apache-2.0
// What a person sees instead of data.
import {
  Alert, Button, ClipboardCopy, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter, Form,
  FormGroup, Skeleton, Spinner, TextInput,
} from '@patternfly/react-core';
import KeyIcon from '@patternfly/react-icons/dist/esm/icons/key-icon';
import SearchIcon from '@patternfly/react-icons/dist/esm/icons/search-icon';
import SatelliteIcon from '@patternfly/react-icons/dist/esm/icons/satellite-dish-icon';
import { useState } from 'react';
import { setToken, type ApiError } from '../api/client';
import type { Top } from '../api/types';
import { useQuery } from '../api/use_query';
import { splitFilter, withoutTerm } from '../lib/filter_text';
import { formatCount } from '../lib/format';
import { rangeParams } from '../lib/range';
import { visible } from '../lib/visible';
import { texts } from '../texts';
import { useView } from '../url/use_view';
import { useSession } from './session';

export function WrongToken() {
  const [text, setText] = useState('');
  return (
    <EmptyState titleText={texts.token.title} icon={KeyIcon} headingLevel="h1">
      <EmptyStateBody>{texts.token.help}</EmptyStateBody>
      <EmptyStateFooter>
        <Form
          className="nf-token"
          onSubmit={(e) => {
            e.preventDefault();
            setToken(text.replace(/^.*token=/, ''));
            window.location.reload();
          }}
        >
          <FormGroup label={texts.token.label} fieldId="nf-token">
            <TextInput id="nf-token" type="password" autoComplete="off" value={text} onChange={(_, v) => setText(v)} />
          </FormGroup>
          <Button type="submit" isDisabled={!text.trim()}>{texts.token.enter}</Button>
        </Form>
      </EmptyStateFooter>
    </EmptyState>
  );
}

export function NoDataYet() {
  return (
    <EmptyState titleText={texts.noData.title} icon={SatelliteIcon} headingLevel="h2">
      <EmptyStateBody>
        <p>{texts.noData.help}</p>
        <ClipboardCopy isReadOnly hoverTip={texts.copy} clickTip={texts.copied} className="nf-command" textAriaLabel={texts.noData.command}>
          sudo nameflow demo
        </ClipboardCopy>
        <p>{texts.noData.doctor}</p>
      </EmptyStateBody>
    </EmptyState>
  );
}

/** How many would match without one of the terms: shows which one excludes everything. */
function WithoutTerm({ index }: { index: number }) {
  const [view, change] = useView();
  const { range } = useSession();
  const filter = withoutTerm(view.filter, index);
  const term = splitFilter(view.filter)[index];
  const { data } = useQuery<Top>('top', { ...rangeParams(range), by: 'outcome', metrics: 'count', limit: 1, filter });
  const count = data?.overall.count;
  return (
    <li>
      <Button variant="link" isInline onClick={() => change({ filter })}>
        {texts.noMatch.without(visible(term?.text ?? ''))}
      </Button>{' '}
      <span className={count ? 'nf-strong' : 'nf-dim'}>
        {count === undefined ? '…' : texts.noMatch.found(formatCount(count))}
      </span>
    </li>
  );
}

export function NoMatch() {
  const [view, change] = useView();
  const terms = splitFilter(view.filter);
  return (
    <EmptyState titleText={texts.noMatch.title} icon={SearchIcon} headingLevel="h2">
      <EmptyStateBody>
        <p>{view.filter ? texts.noMatch.help : texts.noMatch.range}</p>
        {terms.length > 0 ? (
          <ul className="nf-without">{terms.slice(0, 8).map((t, i) => <WithoutTerm key={`${i}${t.text}`} index={i} />)}</ul>
        ) : null}
      </EmptyStateBody>
      <EmptyStateFooter>
        <EmptyStateActions>
          {view.filter ? <Button variant="link" onClick={() => change({ filter: '', off: [] })}>{texts.filter.clear}</Button> : null}
          <Button variant="link" onClick={() => change({ from: '-1d', until: 'now' })}>{texts.noMatch.wider}</Button>
        </EmptyStateActions>
      </EmptyStateFooter>
    </EmptyState>
  );
}

/** Nothing to show: because there is nothing yet, or because of filter and range. */
export function Nothing() {
  const { status } = useSession();
  const rows = status?.store?.['rows'];
  return rows === 0 ? <NoDataYet /> : <NoMatch />;
}

export function QueryError({ error, retry }: { error: ApiError; retry?: () => void }) {
  const title = error.failure === 'refused' ? texts.errors.refused : error.failure === 'gone' ? texts.errors.gone : texts.errors.failed;
  return (
    <Alert isInline variant={error.failure === 'refused' ? 'warning' : 'danger'} title={title}
      actionLinks={retry ? <Button variant="link" isInline onClick={retry}>{texts.errors.again}</Button> : undefined}
    >
      {visible(error.message)}
    </Alert>
  );
}

export function SlowBar({ cancel }: { cancel: () => void }) {
  return (
    <div className="nf-slow" role="status">
      <Spinner size="md" aria-label={texts.loading} />
      <span>{texts.slow}</span>
      <Button variant="link" isInline onClick={cancel}>{texts.cancel}</Button>
    </div>
  );
}

export function Bones({ lines, height }: { lines?: number; height?: string }) {
  if (height) return <Skeleton height={height} screenreaderText={texts.loading} />;
  return (
    <div className="nf-bones">
      {Array.from({ length: lines ?? 5 }, (_, i) => (
        <Skeleton key={i} width={`${92 - ((i * 17) % 45)}%`} screenreaderText={i === 0 ? texts.loading : ''} />
      ))}
    </div>
  );
}
