// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
import type { Query } from '../api/use_query';
import { Bones, QueryError, SlowBar } from '../frame/states';
import { texts } from '../texts';

interface Props {
  query: Query<unknown>;
  empty: boolean;
  children: ReactNode;
}

/** Bones, mistake, "nothing", or what there is: with a bar when it takes long. */
export function PanelState({ query, empty, children }: Props) {
  const { data, error, loading, slow, cancel } = query;
  if (error && (data === undefined || error.failure === 'refused')) return <QueryError error={error} />;
  if (data === undefined) {
    return (
      <>
        {slow ? <SlowBar cancel={cancel} /> : null}
        {loading ? <Bones lines={6} /> : <p className="nf-dim nf-center">{texts.cancelled}</p>}
      </>
    );
  }
  return (
    <>
      {slow ? <SlowBar cancel={cancel} /> : null}
      {empty ? <p className="nf-dim nf-center">{texts.nothingHere}</p> : children}
    </>
  );
}
