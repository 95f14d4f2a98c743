// SPDX-License-Identifier: Apache-2.0
// "Filter for" and "filter out", wherever a value is shown: cells, bars, legends, nodes.
import { Menu, MenuContent, MenuGroup, MenuItem, MenuList } from '@patternfly/react-core';
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { copyText } from '../lib/clipboard';
import { termFor, withTerm } from '../lib/filter_text';
import { shorten, visible } from '../lib/visible';
import { texts } from '../texts';
import { useView } from '../url/use_view';

export interface FilterTarget {
  field: string;
  value: string | null;
  /** Where on the screen. */
  x: number;
  y: number;
  /** Further entries of this place. */
  more?: { text: string; act: () => void }[];
}

const Context = createContext<(target: FilterTarget) => void>(() => undefined);

export const useFilterMenu = (): ((target: FilterTarget) => void) => useContext(Context);

/** The place below an element, for menus opened from the keyboard as well. */
export function below(element: Element): { x: number; y: number } {
  const box = element.getBoundingClientRect();
  return { x: box.left, y: box.bottom };
}

const WIDTH = 300;
const HEIGHT = 210;

function FilterMenu({ target, close }: { target: FilterTarget; close: () => void }) {
  const [view, change] = useView();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    box.current?.querySelector<HTMLElement>('button')?.focus();
    return () => (before instanceof HTMLElement ? before.focus({ preventScroll: true }) : undefined);
  }, [target]);
  useEffect(() => {
    const outside = (event: Event): void => {
      if (!(event.target instanceof Node && box.current?.contains(event.target))) close();
    };
    const key = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') close();
    };
    document.addEventListener('mousedown', outside);
    document.addEventListener('keydown', key);
    window.addEventListener('resize', close);
    return () => {
      document.removeEventListener('mousedown', outside);
      document.removeEventListener('keydown', key);
      window.removeEventListener('resize', close);
    };
  }, [close]);
  const act = (what: () => void) => () => {
    what();
    close();
  };
  const shown = target.value === null ? texts.absent : shorten(visible(target.value), 40);
  const left = Math.max(8, Math.min(target.x, window.innerWidth - WIDTH - 8));
  const top = Math.max(8, Math.min(target.y, window.innerHeight - HEIGHT - 8));
  return createPortal(
    <div ref={box} className="nf-popup" style={{ left, top, width: WIDTH }}>
      <Menu>
        <MenuContent>
          <MenuGroup label={`${target.field} · ${shown}`}>
            <MenuList aria-label={texts.menu.label}>
              <MenuItem onClick={act(() => change({ filter: withTerm(view.filter, termFor(target.field, target.value)) }))}>{texts.menu.only}</MenuItem>
              <MenuItem onClick={act(() => change({ filter: withTerm(view.filter, termFor(target.field, target.value, true)) }))}>{texts.menu.out}</MenuItem>
              {view.view === 'traffic' ? null : (
                <MenuItem onClick={act(() => change({ view: 'traffic', full: '', node: '', to: '', filter: withTerm(view.filter, termFor(target.field, target.value)) }))}>
                  {texts.menu.traffic}
                </MenuItem>
              )}
              {(target.more ?? []).map((m) => <MenuItem key={m.text} onClick={act(m.act)}>{m.text}</MenuItem>)}
              {target.value === null ? null : (
                <MenuItem onClick={act(() => void copyText(target.value ?? ''))}>{texts.menu.copy}</MenuItem>
              )}
            </MenuList>
          </MenuGroup>
        </MenuContent>
      </Menu>
    </div>,
    document.body,
  );
}

export function FilterMenuProvider({ children }: { children: ReactNode }) {
  const [target, setTarget] = useState<FilterTarget>();
  const close = useCallback(() => setTarget(undefined), []);
  const open = useMemo(() => (t: FilterTarget): void => setTarget(t), []);
  return (
    <Context.Provider value={open}>
      {children}
      {target ? <FilterMenu target={target} close={close} /> : null}
    </Context.Provider>
  );
}
