// SPDX-License-Identifier: Apache-2.0
import { MenuToggle, Select, SelectList, SelectOption } from '@patternfly/react-core';
import { useState, type ReactNode } from 'react';

interface Props<T extends string> {
  /** What is chosen here, for screen readers; also shown when `shown` is set. */
  label: string;
  shown?: boolean;
  value: T;
  options: readonly { value: T; text: string; help?: string }[];
  choose: (value: T) => void;
  icon?: ReactNode;
  size?: 'sm' | 'default';
}

/** One of several, in a menu. */
export function Choice<T extends string>({ label, shown, value, options, choose, icon, size }: Props<T>) {
  const [open, setOpen] = useState(false);
  const current = options.find((o) => o.value === value)?.text ?? value;
  return (
    <Select
      isOpen={open}
      onOpenChange={setOpen}
      selected={value}
      isScrollable
      maxMenuHeight="22rem"
      onSelect={(_, chosen) => {
        setOpen(false);
        choose(chosen as T);
      }}
      toggle={(ref) => (
        <MenuToggle
          ref={ref}
          onClick={() => setOpen(!open)}
          isExpanded={open}
          {...(shown ? {} : { 'aria-label': `${label}: ${current}` })}
          {...(icon ? { icon } : {})}
          size={size ?? 'default'}
        >
          {shown ? <span className="nf-choice__label">{label}</span> : null}
          {current}
        </MenuToggle>
      )}
    >
      <SelectList aria-label={label}>
        {options.map((o) => (
          <SelectOption key={o.value} value={o.value} description={o.help} isSelected={o.value === value}>
            {o.text}
          </SelectOption>
        ))}
      </SelectList>
    </Select>
  );
}
