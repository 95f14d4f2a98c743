// SPDX-License-Identifier: Apache-2.0
// A list of which some are shown, in an order: for panels and columns. By mouse and by keyboard.
import { Button, Checkbox, Modal, ModalBody, ModalFooter, ModalHeader, SearchInput } from '@patternfly/react-core';
import DownIcon from '@patternfly/react-icons/dist/esm/icons/angle-down-icon';
import GripIcon from '@patternfly/react-icons/dist/esm/icons/grip-vertical-icon';
import UpIcon from '@patternfly/react-icons/dist/esm/icons/angle-up-icon';
import { useState, type KeyboardEvent } from 'react';
import { texts } from '../texts';

export interface Entry {
  id: string;
  title: string;
  help: string;
}

interface Props {
  title: string;
  help: string;
  /** All there are, in their natural order. */
  entries: readonly Entry[];
  /** Ids of what is shown, in order. */
  shown: readonly string[];
  /** Those of the default. */
  standard: readonly string[];
  save: (shown: string[] | null) => void;
  close: () => void;
}

/** The list with the item at `from` put before what is at `to`. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const rest = [...list];
  const [item] = rest.splice(from, 1);
  if (item !== undefined) rest.splice(to, 0, item);
  return rest;
}

export function Manage({ title, help, entries, shown, standard, save, close }: Props) {
  // Shown ones first, in their order; then the others.
  const [order, setOrder] = useState(() => [...shown, ...entries.map((e) => e.id).filter((id) => !shown.includes(id))]);
  const [on, setOn] = useState(() => new Set(shown));
  const [search, setSearch] = useState('');
  const [drag, setDrag] = useState<string>();
  const find = (id: string): Entry | undefined => entries.find((e) => e.id === id);
  const wanted = search.toLowerCase();
  const list = order.map(find).filter((e): e is Entry => e !== undefined && `${e.title} ${e.id} ${e.help}`.toLowerCase().includes(wanted));
  const move = (id: string, by: number): void => {
    const at = order.indexOf(id);
    if (at + by >= 0 && at + by < order.length) setOrder(moved(order, at, at + by));
  };
  const keys = (id: string) => (event: KeyboardEvent): void => {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    move(id, event.key === 'ArrowUp' ? -1 : 1);
  };
  const toggle = (id: string, to: boolean): void => {
    const next = new Set(on);
    if (to) next.add(id);
    else next.delete(id);
    setOn(next);
  };
  const reset = (): void => {
    setOrder([...standard, ...entries.map((e) => e.id).filter((id) => !standard.includes(id))]);
    setOn(new Set(standard));
  };
  const apply = (): void => {
    const result = order.filter((id) => on.has(id));
    save(result.join() === standard.join() ? null : result);
    close();
  };
  return (
    <Modal isOpen onClose={close} variant="medium" aria-labelledby="nf-manage">
      <ModalHeader title={title} labelId="nf-manage" description={help} />
      <ModalBody>
        <SearchInput value={search} onChange={(_, v) => setSearch(v)} onClear={() => setSearch('')} placeholder={texts.manage.search} aria-label={texts.manage.search} />
        <div className="nf-row nf-manage__all">
          <Button variant="link" isInline onClick={() => setOn(new Set([...on, ...list.map((e) => e.id)]))}>{texts.manage.all}</Button>
          <Button variant="link" isInline onClick={() => setOn(new Set([...on].filter((id) => !list.some((e) => e.id === id))))}>{texts.manage.none}</Button>
          <span className="nf-dim">{texts.manage.count(on.size, entries.length)}</span>
        </div>
        <ul className="nf-manage">
          {list.map((e) => (
            <li
              key={e.id}
              draggable={search === ''}
              className={drag === e.id ? 'nf-manage__item nf-manage__item--drag' : 'nf-manage__item'}
              onDragStart={() => setDrag(e.id)}
              onDragEnd={() => setDrag(undefined)}
              onDragOver={(event) => {
                event.preventDefault();
                if (drag && drag !== e.id) setOrder(moved(order, order.indexOf(drag), order.indexOf(e.id)));
              }}
              onKeyDown={keys(e.id)}
            >
              <GripIcon className="nf-manage__grip" aria-hidden />
              <Checkbox id={`nf-manage-${e.id}`} label={e.title} description={e.help} isChecked={on.has(e.id)} onChange={(_, v) => toggle(e.id, v)} />
              <span className="nf-manage__move">
                <Button variant="plain" size="sm" icon={<UpIcon />} aria-label={texts.manage.up(e.title)} onClick={() => move(e.id, -1)} />
                <Button variant="plain" size="sm" icon={<DownIcon />} aria-label={texts.manage.down(e.title)} onClick={() => move(e.id, 1)} />
              </span>
            </li>
          ))}
        </ul>
      </ModalBody>
      <ModalFooter>
        <Button onClick={apply} isDisabled={on.size === 0}>{texts.manage.save}</Button>
        <Button variant="link" onClick={close}>{texts.cancel}</Button>
        <Button variant="link" onClick={reset}>{texts.manage.reset}</Button>
      </ModalFooter>
    </Modal>
  );
}
