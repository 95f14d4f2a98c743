// SPDX-License-Identifier: Apache-2.0
// Is what is shown complete? The badge says it, the ledger behind it says where something was lost.
import { Button, Modal, ModalBody, ModalHeader } from '@patternfly/react-core';
import CheckIcon from '@patternfly/react-icons/dist/esm/icons/check-circle-icon';
import WarningIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon';
import { useState } from 'react';
import type { Stage, Status } from '../api/types';
import { useOutcomes } from '../api/use_outcomes';
import { formatBytes, formatCount, formatSeconds } from '../lib/format';
import { texts } from '../texts';
import { useSession } from './session';

/** Left out on purpose, or without loss of a transaction: what is no DNS, what sampling leaves out,
 * processes that ended before their executable was looked at. */
const NOT_LOST = new Set(['sampled_out', 'link', 'not_ip', 'icmp', 'other_ports', 'not_dns', 'process_gone']);

export function lostOf(stage: Stage): number {
  return Object.entries(stage.dropped ?? {}).reduce((sum, [reason, n]) => (NOT_LOST.has(reason) ? sum : sum + n), 0);
}

function Ledger({ stages }: { stages: Stage[] }) {
  return (
    <table className="nf-table">
      <thead>
        <tr>
          <th scope="col">{texts.ledger.stage}</th>
          <th scope="col" className="nf-num">{texts.ledger.in}</th>
          <th scope="col" className="nf-num">{texts.ledger.out}</th>
          <th scope="col" className="nf-num">{texts.ledger.lost}</th>
          <th scope="col">{texts.ledger.reasons}</th>
        </tr>
      </thead>
      <tbody>
        {stages.map((s) => (
          <tr key={s.stage} className={lostOf(s) > 0 ? 'nf-warned' : undefined}>
            <th scope="row">{texts.ledger.stages[s.stage] ?? s.stage}</th>
            <td className="nf-num">{s.in.toLocaleString('en')}</td>
            <td className="nf-num">{s.out.toLocaleString('en')}</td>
            <td className="nf-num">{lostOf(s).toLocaleString('en')}</td>
            <td>
              {Object.entries(s.dropped ?? {}).filter(([, n]) => n > 0)
                .map(([reason, n]) => `${reason.replaceAll('_', ' ')}: ${n.toLocaleString('en')}`).join(', ')}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function StoreFacts({ status }: { status: Status }) {
  const number = (name: string): number | undefined => {
    const value = status.store?.[name];
    return typeof value === 'number' ? value : undefined;
  };
  const facts: [string, string][] = [
    [texts.ledger.version, status.version],
    [texts.ledger.engine, status.engine ?? '–'],
    [texts.ledger.uptime, status.uptime_seconds === undefined ? '–' : formatSeconds(status.uptime_seconds)],
    [texts.ledger.rows, formatCount(number('rows'))],
    [texts.ledger.disk, formatBytes(number('disk_bytes'))],
  ];
  return (
    <dl className="nf-facts nf-facts--inline">
      {facts.map(([name, value]) => (
        <div key={name}><dt>{name}</dt><dd>{value}</dd></div>
      ))}
    </dl>
  );
}

export function CompletenessBadge() {
  const { status } = useSession();
  const [open, setOpen] = useState(false);
  // Of everything in the range, whatever the filter shows of it.
  const unseen = useOutcomes('').data?.groups.find((g) => g.key[0] === 'unseen')?.count ?? 0;
  if (!status) return null;
  const lost = status.stages.reduce((sum, s) => sum + lostOf(s), 0);
  const complete = lost === 0 && unseen === 0;
  const text = complete
    ? texts.badge.complete
    : unseen > 0
      ? texts.badge.unseen(formatCount(unseen))
      : texts.badge.lost(formatCount(lost));
  return (
    <>
      <Button
        variant="plain"
        className={complete ? 'nf-badge nf-badge--good' : 'nf-badge nf-badge--warn'}
        icon={complete ? <CheckIcon /> : <WarningIcon />}
        aria-label={`${texts.badge.label}: ${text}`}
        title={text}
        onClick={() => setOpen(true)}
      >
        <span className="nf-badge__text">{text}</span>
      </Button>
      <Modal isOpen={open} onClose={() => setOpen(false)} variant="medium" aria-labelledby="nf-ledger">
        <ModalHeader title={texts.ledger.title} labelId="nf-ledger" description={texts.ledger.help} />
        <ModalBody>
          {unseen > 0 ? <p>{texts.ledger.unseen(formatCount(unseen))}</p> : <p>{texts.ledger.noneUnseen}</p>}
          <div className="nf-scroll"><Ledger stages={status.stages} /></div>
          <StoreFacts status={status} />
        </ModalBody>
      </Modal>
    </>
  );
}
