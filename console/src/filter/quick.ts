// SPDX-License-Identifier: Apache-2.0
import type { Peer } from '../api/types';
import { termFor } from '../lib/filter_text';
import { texts } from '../texts';

export interface QuickFilter {
  id: string;
  label: string;
  term: string;
  help?: string;
}

const ALWAYS: readonly QuickFilter[] = [
  // Also true for what has no rcode at all: what was not answered.
  { id: 'errors', label: texts.quick.errors, term: 'rcode!=NOERROR,NXDOMAIN' },
  { id: 'nxdomain', label: texts.quick.nxdomain, term: 'rcode=NXDOMAIN' },
  { id: 'slow', label: texts.quick.slow, term: 'latency>100ms' },
  { id: 'unanswered', label: texts.quick.unanswered, term: 'outcome=timeout,icmp_refused,dropped' },
  { id: 'tcp', label: texts.quick.tcp, term: 'transport=tcp' },
  { id: 'encrypted', label: texts.quick.encrypted, term: 'transport=tls,https,quic' },
];

/** Somebody on this host is known by the user whose browser it is; somebody elsewhere by address. */
function byMe(you: Peer | undefined): QuickFilter[] {
  const me = { id: 'me', label: texts.quick.me };
  if (typeof you?.uid === 'number') {
    return [{ ...me, term: `uid=${you.uid}`, help: texts.quick.byUser(you.user ?? String(you.uid)) }];
  }
  const address = you?.address;
  if (!address || /^127\.|^::1$|^::ffff:127\./.test(address)) return [];
  return [{ ...me, term: termFor('client', address), help: texts.quick.byAddress(address) }];
}

export const quickFilters = (you: Peer | undefined): QuickFilter[] => [...ALWAYS, ...byMe(you)];
