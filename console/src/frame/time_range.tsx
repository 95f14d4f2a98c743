// SPDX-License-Identifier: Apache-2.0
import { Button, Form, FormGroup, HelperText, HelperTextItem, MenuToggle, Popover, TextInput } from '@patternfly/react-core';
import ClockIcon from '@patternfly/react-icons/dist/esm/icons/outlined-clock-icon';
import { useState } from 'react';
import { formatMoment, fromInput, isoOf, isRelative, momentMs, toInput } from '../lib/time';
import { texts } from '../texts';
import { useView } from '../url/use_view';
import { useSession } from './session';

const PRESETS = ['-5m', '-15m', '-30m', '-1h', '-3h', '-6h', '-12h', '-1d', '-2d', '-7d', '-14d', '-30d'];

const presetText = (from: string): string => texts.range.presets[from] ?? from.slice(1);

function Custom({ close }: { close: () => void }) {
  const [view, change] = useView();
  const { range } = useSession();
  const [from, setFrom] = useState(toInput(range.fromMs, view.zone));
  const [until, setUntil] = useState(toInput(range.untilMs, view.zone));
  const [ago, setAgo] = useState(isRelative(view.from) ? view.from.slice(1) : '');
  const begin = fromInput(from, view.zone);
  const end = fromInput(until, view.zone);
  const right = Number.isFinite(begin) && Number.isFinite(end) && begin < end;
  const agoRight = Number.isFinite(momentMs(`-${ago}`, 0));
  return (
    <div className="nf-range__custom">
      <Form
        onSubmit={(e) => {
          e.preventDefault();
          if (!agoRight) return;
          change({ from: `-${ago}`, until: 'now' });
          close();
        }}
      >
        <FormGroup label={texts.range.last} fieldId="nf-ago">
          <div className="nf-row">
            <TextInput id="nf-ago" value={ago} onChange={(_, v) => setAgo(v)} placeholder="90m" />
            <Button variant="secondary" type="submit" isDisabled={!agoRight}>{texts.range.apply}</Button>
          </div>
        </FormGroup>
      </Form>
      <Form
        onSubmit={(e) => {
          e.preventDefault();
          if (!right) return;
          change({ from: isoOf(begin), until: isoOf(end) });
          close();
        }}
      >
        <FormGroup label={`${texts.range.from} (${texts.zones[view.zone]})`} fieldId="nf-from">
          <TextInput id="nf-from" type="datetime-local" step={1} value={from} onChange={(_, v) => setFrom(v)} />
        </FormGroup>
        <FormGroup label={`${texts.range.until} (${texts.zones[view.zone]})`} fieldId="nf-until">
          <TextInput id="nf-until" type="datetime-local" step={1} value={until} onChange={(_, v) => setUntil(v)} />
          {right ? null : (
            <HelperText><HelperTextItem variant="error">{texts.range.wrong}</HelperTextItem></HelperText>
          )}
        </FormGroup>
        <Button type="submit" isDisabled={!right}>{texts.range.apply}</Button>
      </Form>
    </div>
  );
}

function currentText(from: string, until: string, zone: 'local' | 'utc'): string {
  if (until === 'now' && isRelative(from)) return presetText(from);
  const moment = (text: string): string =>
    isRelative(text) ? text : formatMoment(Date.parse(text), zone).slice(0, 19);
  return `${moment(from)} – ${moment(until)}`;
}

export function TimeRange() {
  const [view, change] = useView();
  const [open, setOpen] = useState(false);
  const close = (): void => setOpen(false);
  const text = currentText(view.from, view.until, view.zone);
  return (
    <Popover
      isVisible={open}
      shouldOpen={() => setOpen(true)}
      shouldClose={close}
      position="bottom-end"
      showClose={false}
      withFocusTrap
      aria-label={texts.range.label}
      minWidth="min(32rem, 92vw)"
      bodyContent={
        <div className="nf-range">
          <ul className="nf-range__presets" aria-label={texts.range.relative}>
            {PRESETS.map((from) => (
              <li key={from}>
                <Button
                  variant={view.from === from && view.until === 'now' ? 'secondary' : 'link'}
                  isBlock
                  onClick={() => {
                    change({ from, until: 'now' });
                    close();
                  }}
                >
                  {presetText(from)}
                </Button>
              </li>
            ))}
          </ul>
          <Custom close={close} />
        </div>
      }
    >
      <MenuToggle icon={<ClockIcon />} isExpanded={open} aria-label={`${texts.range.label}: ${text}`}>
        {text}
      </MenuToggle>
    </Popover>
  );
}
