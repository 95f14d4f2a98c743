// SPDX-License-Identifier: Apache-2.0
// Is what is shown complete? The badge says it of the time range, the ledger behind it says where
// something was lost, and when.
import { Button, Modal, ModalBody, ModalHeader } from '@patternfly/react-core';
import CheckIcon from '@patternfly/react-icons/dist/esm/icons/check-circle-icon';
import WarningIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon';
import { useState } from 'react';
import type { Losses, Stage, Status } from '../api/types';
import { useOutcomes } from '../api/use_outcomes';
import { useQuery } from '../api/use_query';
import { formatBytes, formatCount, formatSeconds } from '../lib/format';
import { rangeParams } from '../lib/range';
import { formatMoment, type Zone } from '../lib/time';
import { texts } from '../texts';
import { useView } from '../url/use_view';
import { completeness, isAbout, type Completeness } from './completeness';
import { useSession } from './session';

const t = texts.ledger;
const stageName = (stage: string): string => t.stages[stage] ?? stage;
const words = (reason: string): string => reason.replaceAll('_', ' ');
const exact = (n: number): string => n.toLocaleString('en');

function InRange({ losses, unseen, state, zone }: { losses: Losses | undefined; unseen: number; state: Completeness; zone: Zone }) {
  const moment = (time: string): string => formatMoment(Date.parse(time), zone);
  return (
    <section className="nf-section">
      <h3>{t.inRange}</h3>
      {unseen > 0 ? <p>{t.unseen(exact(unseen))}</p> : null}
      {(losses?.away ?? []).map((a) => <p key={a.from}>{t.away(moment(a.from), moment(a.until))}</p>)}
      {losses && state.knownFromMs !== undefined ? <p className="nf-dim">{t.knownFrom(formatMoment(state.knownFromMs, zone))}</p> : null}
      {!losses ? <p className="nf-dim">{t.unknown}</p> : null}
      {losses?.lost.length === 0 && unseen === 0 ? <p>{t.nothing}</p> : null}
      {losses && losses.lost.length > 0 ? (
        <table className="nf-table">
          <thead>
            <tr>
              <th scope="col">{t.stage}</th><th scope="col">{t.reason}</th>
              <th scope="col" className="nf-num">{t.lost}</th><th scope="col">{t.when}</th>
            </tr>
          </thead>
          <tbody>
            {losses.lost.map((l) => (
              <tr key={`${l.stage} ${l.reason}`} className="nf-warned">
                <th scope="row">{stageName(l.stage)}</th>
                <td>{words(l.reason)}</td>
                <td className="nf-num">{exact(l.count)}</td>
                <td>{moment(l.first)} – {moment(l.last)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </section>
  );
}

function SinceStart({ stages }: { stages: Stage[] }) {
  return (
    <section className="nf-section">
      <h3>{t.sinceStart}</h3>
      <table className="nf-table">
        <thead>
          <tr>
            <th scope="col">{t.stage}</th>
            <th scope="col" className="nf-num">{t.in}</th>
            <th scope="col" className="nf-num">{t.out}</th>
            <th scope="col" className="nf-num">{t.lost}</th>
            <th scope="col">{t.reasons}</th>
          </tr>
        </thead>
        <tbody>
          {stages.map((s) => (
            <tr key={s.stage} className={s.lost ? 'nf-warned' : undefined}>
              <th scope="row">{stageName(s.stage)}</th>
              <td className="nf-num">{exact(s.in)}</td>
              <td className="nf-num">{exact(s.out)}</td>
              <td className="nf-num">{exact(s.lost ?? 0)}</td>
              <td>
                {Object.entries(s.dropped ?? {}).filter(([, n]) => n > 0)
                  .map(([reason, n]) => `${words(reason)}: ${exact(n)}`).join(', ')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function StoreFacts({ status }: { status: Status }) {
  const number = (name: string): number | undefined => {
    const value = status.store?.[name];
    return typeof value === 'number' ? value : undefined;
  };
  const facts: [string, string][] = [
    [t.version, status.version],
    [t.engine, status.engine ?? '–'],
    [t.uptime, status.uptime_seconds === undefined ? '–' : formatSeconds(status.uptime_seconds)],
    [t.rows, formatCount(number('rows'))],
    [t.disk, formatBytes(number('disk_bytes'))],
  ];
  return (
    <dl className="nf-facts nf-facts--inline">
      {facts.map(([name, value]) => (
        <div key={name}><dt>{name}</dt><dd>{value}</dd></div>
      ))}
    </dl>
  );
}

function badgeText(state: Completeness, zone: Zone): string {
  if (state.lost > 0) return texts.badge.lost(formatCount(state.lost));
  if (state.unseen > 0) return texts.badge.unseen(formatCount(state.unseen));
  if (state.awaySeconds > 0) return texts.badge.away(formatSeconds(state.awaySeconds));
  if (state.knownFromMs !== undefined) return texts.badge.since(formatMoment(state.knownFromMs, zone).slice(11, 16));
  return texts.badge.complete;
}

export function CompletenessBadge() {
  const { status, range } = useSession();
  const [view] = useView();
  const [open, setOpen] = useState(false);
  const losses = useQuery<Losses>('losses', rangeParams(range)).data;
  // Of everything in the range, whatever the filter shows of it.
  const outcomes = useOutcomes('').data;
  const unseen = (outcomes && isAbout(range, outcomes) && outcomes.groups.find((g) => g.key[0] === 'unseen')?.count) || 0;
  if (!status) return null;
  const state = completeness(losses, unseen, range);
  const text = badgeText(state, view.zone);
  return (
    <>
      <Button
        variant="plain"
        className={state.good ? 'nf-badge nf-badge--good' : 'nf-badge nf-badge--warn'}
        icon={state.good ? <CheckIcon /> : <WarningIcon />}
        aria-label={`${texts.badge.label}: ${text}`}
        title={text}
        onClick={() => setOpen(true)}
      >
        <span className="nf-badge__text">{text}</span>
      </Button>
      <Modal isOpen={open} onClose={() => setOpen(false)} variant="medium" aria-labelledby="nf-ledger">
        <ModalHeader title={t.title} labelId="nf-ledger" />
        <ModalBody>
          <div className="nf-scroll nf-details" tabIndex={0} role="region" aria-labelledby="nf-ledger">
            <InRange losses={losses} unseen={unseen} state={state} zone={view.zone} />
            <SinceStart stages={status.stages} />
            <StoreFacts status={status} />
          </div>
        </ModalBody>
      </Modal>
    </>
  );
}
