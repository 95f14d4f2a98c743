// SPDX-License-Identifier: Apache-2.0
import { Dropdown, DropdownGroup, DropdownItem, DropdownList, MenuToggle } from '@patternfly/react-core';
import EllipsisIcon from '@patternfly/react-icons/dist/esm/icons/ellipsis-v-icon';
import { useState } from 'react';
import { texts } from '../texts';
import type { ChartKind } from '../url/state';
import { TOPS, type Panel } from './panels';

interface Props {
  panel: Panel;
  title: string;
  kind: ChartKind;
  top: number;
  full: boolean;
  choose: (choice: { kind?: ChartKind; top?: number }) => void;
  act: { full: () => void; png: () => void; csv: () => void; table: () => void; hide: () => void };
}

export function PanelMenu({ panel, title, kind, top, full, choose, act }: Props) {
  const [open, setOpen] = useState(false);
  const hasTop = panel.what.type !== 'heat';
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={() => setOpen(false)}
      isScrollable
      maxMenuHeight="min(40rem, 70vh)"
      popperProps={{ position: 'right' }}
      toggle={(ref) => (
        <MenuToggle ref={ref} variant="plain" size="sm" aria-label={texts.panel.menu(title)} isExpanded={open} onClick={() => setOpen(!open)} icon={<EllipsisIcon />} />
      )}
    >
      {panel.kinds.length > 0 ? (
        <DropdownGroup label={texts.panel.kind}>
          <DropdownList>
            {panel.kinds.map((k) => (
              <DropdownItem key={k} isSelected={k === kind} onClick={() => choose({ kind: k })}>{texts.kinds[k]}</DropdownItem>
            ))}
          </DropdownList>
        </DropdownGroup>
      ) : null}
      {hasTop ? (
        <DropdownGroup label={texts.panel.top}>
          <DropdownList>
            {TOPS.map((n) => <DropdownItem key={n} isSelected={n === top} onClick={() => choose({ top: n })}>{texts.panel.topN(n)}</DropdownItem>)}
          </DropdownList>
        </DropdownGroup>
      ) : null}
      <DropdownGroup label={texts.panel.more}>
        <DropdownList>
          <DropdownItem onClick={act.full}>{full ? texts.panel.small : texts.panel.full}</DropdownItem>
          <DropdownItem onClick={act.table}>{texts.panel.table}</DropdownItem>
          <DropdownItem onClick={act.png}>{texts.panel.png}</DropdownItem>
          <DropdownItem onClick={act.csv}>{texts.panel.csv}</DropdownItem>
          {full ? null : <DropdownItem onClick={act.hide}>{texts.panel.hide}</DropdownItem>}
        </DropdownList>
      </DropdownGroup>
    </Dropdown>
  );
}
