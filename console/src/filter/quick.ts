// SPDX-License-Identifier: Apache-2.0
import { texts } from '../texts';

export interface QuickFilter {
  id: string;
  label: string;
  term: string;
}

export const QUICK: readonly QuickFilter[] = [
  // Also true for what has no rcode at all: what was not answered.
  { id: 'errors', label: texts.quick.errors, term: 'rcode!=NOERROR,NXDOMAIN' },
  { id: 'nxdomain', label: texts.quick.nxdomain, term: 'rcode=NXDOMAIN' },
  { id: 'slow', label: texts.quick.slow, term: 'latency>100ms' },
  { id: 'unanswered', label: texts.quick.unanswered, term: 'outcome=timeout,icmp_refused,dropped' },
  { id: 'tcp', label: texts.quick.tcp, term: 'transport=tcp' },
  { id: 'encrypted', label: texts.quick.encrypted, term: 'transport=tls,https,quic' },
];
