// SPDX-License-Identifier: Apache-2.0
import { Dropdown, DropdownItem, DropdownList, Label, LabelGroup } from '@patternfly/react-core';
import { useState, type Ref } from 'react';
import { negate, splitFilter, withoutTerm, joinTerms, withTerm } from '../lib/filter_text';
import { shorten, visible } from '../lib/visible';
import { texts } from '../texts';
import { useView } from '../url/use_view';

interface ChipProps {
  text: string;
  off?: boolean;
  edit?: () => void;
  turn?: () => void;
  toggle: () => void;
  remove: () => void;
}

function Chip({ text, off, edit, turn, toggle, remove }: ChipProps) {
  const [open, setOpen] = useState(false);
  const shown = shorten(visible(text), 60);
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={() => setOpen(false)}
      toggle={(ref: Ref<HTMLSpanElement>) => (
        <span ref={ref}>
          <Label
            variant={off ? 'outline' : 'filled'}
            color={off ? 'grey' : 'blue'}
            className={off ? 'nf-chip nf-chip--off' : 'nf-chip'}
            onClick={() => setOpen(!open)}
            onClose={remove}
            closeBtnAriaLabel={texts.chips.removeThis(shown)}
            textMaxWidth="40ch"
          >
            {shown}
          </Label>
        </span>
      )}
    >
      <DropdownList>
        {edit ? <DropdownItem onClick={edit}>{texts.chips.edit}</DropdownItem> : null}
        {turn ? <DropdownItem onClick={turn}>{texts.chips.negate}</DropdownItem> : null}
        <DropdownItem onClick={toggle}>{off ? texts.chips.enable : texts.chips.disable}</DropdownItem>
        <DropdownItem onClick={remove}>{texts.chips.remove}</DropdownItem>
      </DropdownList>
    </Dropdown>
  );
}

/** The terms of the filter; `edit` takes one out into the input. */
export function Chips({ edit }: { edit: (text: string, index: number) => void }) {
  const [view, change] = useView();
  const terms = splitFilter(view.filter);
  const replace = (index: number, text: string): void =>
    change({ filter: joinTerms(terms.map((t, i) => (i === index ? text : t.text))) });
  if (terms.length === 0 && view.off.length === 0) return null;
  return (
    <LabelGroup numLabels={12} aria-label={texts.chips.label} className="nf-chips">
      {terms.map((t, i) => (
        <Chip
          key={`on ${t.text}`}
          text={t.text}
          edit={() => edit(t.text, i)}
          turn={() => replace(i, negate(t))}
          toggle={() => change({ filter: withoutTerm(view.filter, i), off: [...view.off, t.text] })}
          remove={() => change({ filter: withoutTerm(view.filter, i) })}
        />
      ))}
      {view.off.map((text) => {
        const rest = view.off.filter((t) => t !== text);
        return (
          <Chip
            key={`off ${text}`}
            text={text}
            off
            toggle={() => change({ filter: withTerm(view.filter, text), off: rest })}
            remove={() => change({ off: rest })}
          />
        );
      })}
    </LabelGroup>
  );
}
