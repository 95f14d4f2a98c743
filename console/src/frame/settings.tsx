// SPDX-License-Identifier: Apache-2.0
import { Dropdown, DropdownGroup, DropdownItem, DropdownList, MenuToggle } from '@patternfly/react-core';
import CogIcon from '@patternfly/react-icons/dist/esm/icons/cog-icon';
import { useState } from 'react';
import { texts } from '../texts';
import { useView } from '../url/use_view';
import { useSession } from './session';
import { THEME_CHOICES } from './theme';

/** Theme and time zone. */
export function Settings() {
  const [open, setOpen] = useState(false);
  const [view, change] = useView();
  const { themeChoice, setTheme } = useSession();
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={() => setOpen(false)}
      popperProps={{ position: 'right' }}
      toggle={(ref) => (
        <MenuToggle ref={ref} variant="plain" aria-label={texts.settings.label} isExpanded={open} onClick={() => setOpen(!open)} icon={<CogIcon />} />
      )}
    >
      <DropdownGroup label={texts.settings.theme}>
        <DropdownList>
          {THEME_CHOICES.map((choice) => (
            <DropdownItem key={choice} isSelected={choice === themeChoice} onClick={() => setTheme(choice)}>
              {texts.settings.themes[choice]}
            </DropdownItem>
          ))}
        </DropdownList>
      </DropdownGroup>
      <DropdownGroup label={texts.settings.zone}>
        <DropdownList>
          {(['local', 'utc'] as const).map((zone) => (
            <DropdownItem key={zone} isSelected={zone === view.zone} onClick={() => change({ zone })}>
              {texts.zones[zone]}
            </DropdownItem>
          ))}
        </DropdownList>
      </DropdownGroup>
    </Dropdown>
  );
}
