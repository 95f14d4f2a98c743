// SPDX-License-Identifier: Apache-2.0
import { Button, TextInputGroup, TextInputGroupMain, TextInputGroupUtilities } from '@patternfly/react-core';
import FilterIcon from '@patternfly/react-icons/dist/esm/icons/filter-icon';
import TimesIcon from '@patternfly/react-icons/dist/esm/icons/times-icon';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { visible } from '../lib/visible';
import { texts } from '../texts';
import { useSuggestions, type Suggestion } from './use_suggestions';

interface Props {
  text: string;
  setText: (text: string) => void;
  /** The filter that applies already: suggestions come from what it leaves. */
  filter: string;
  placeholder: string;
  enter: () => void;
  escape: () => void;
  focusOn: number;
}

function List({ items, active, take }: { items: Suggestion[]; active: number; take: (s: Suggestion) => void }) {
  return (
    <div role="listbox" id="nf-suggestions" className="nf-suggest" tabIndex={-1} aria-label={texts.filter.suggestions}>
      {items.map((s, i) => (
        <div
          key={s.result}
          id={`nf-suggestion-${i}`}
          role="option"
          tabIndex={-1}
          aria-selected={i === active}
          className={i === active ? 'nf-suggest__item nf-suggest__item--active' : 'nf-suggest__item'}
          ref={(node) => {
            if (node && i === active) node.scrollIntoView({ block: 'nearest' });
          }}
          // Before the input loses the focus.
          onMouseDown={(e) => {
            e.preventDefault();
            take(s);
          }}
        >
          <span className="nf-suggest__text">{visible(s.text)}</span>
          <span className="nf-suggest__help">{s.help}</span>
        </div>
      ))}
    </div>
  );
}

/** Text in the filter language, with what may come next. */
export function FilterInput({ text, setText, filter, placeholder, enter, escape, focusOn }: Props) {
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const items = useSuggestions(text, filter);
  const shown = open && items.length > 0;
  useEffect(() => {
    if (focusOn > 0) input.current?.focus();
  }, [focusOn]);

  const take = (s: Suggestion): void => {
    setText(s.result);
    setActive(-1);
    setOpen(!s.complete);
    input.current?.focus();
  };
  const move = (by: number): void => {
    setOpen(true);
    setActive((i) => (items.length === 0 ? -1 : (i + by + items.length + (i < 0 && by < 0 ? 1 : 0)) % items.length));
  };
  const keys = (event: KeyboardEvent): void => {
    const chosen = shown && active >= 0 ? items[active] : undefined;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      move(event.key === 'ArrowDown' ? 1 : -1);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (chosen) take(chosen);
      else {
        setOpen(false);
        enter();
      }
    } else if (event.key === 'Tab' && chosen) {
      event.preventDefault();
      take(chosen);
    } else if (event.key === 'Escape') {
      if (shown) setOpen(false);
      else escape();
    }
  };
  return (
    <div className="nf-filter__input">
      <TextInputGroup>
        <TextInputGroupMain
          icon={<FilterIcon />}
          innerRef={input}
          value={text}
          type="text"
          placeholder={placeholder}
          autoComplete="off"
          spellCheck={false}
          inputId="nf-filter"
          aria-label={texts.filter.label}
          role="combobox"
          isExpanded={shown}
          aria-controls="nf-suggestions"
          {...(shown && active >= 0 ? { 'aria-activedescendant': `nf-suggestion-${active}` } : {})}
          onChange={(_, v) => {
            setText(v);
            setActive(-1);
            setOpen(true);
          }}
          onClick={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={keys}
        />
        {text ? (
          <TextInputGroupUtilities>
            <Button variant="plain" icon={<TimesIcon />} aria-label={texts.filter.clearText} onClick={() => { setText(''); input.current?.focus(); }} />
          </TextInputGroupUtilities>
        ) : null}
      </TextInputGroup>
      {shown ? <List items={items} active={active} take={take} /> : null}
    </div>
  );
}
