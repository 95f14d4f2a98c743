// SPDX-License-Identifier: Apache-2.0
// Views with a name, kept by the agent, so that everybody who may open the console has them.
import {
  Alert, Button, Divider, Dropdown, DropdownItem, DropdownList, Form, FormGroup, MenuToggle, Modal,
  ModalBody, ModalFooter, ModalHeader, TextInput,
} from '@patternfly/react-core';
import BookmarkIcon from '@patternfly/react-icons/dist/esm/icons/outlined-bookmark-icon';
import TrashIcon from '@patternfly/react-icons/dist/esm/icons/trash-icon';
import { useEffect, useRef, useState } from 'react';
import { ApiError, apiFetch, apiGet, apiPath } from '../api/client';
import type { SavedView } from '../api/types';
import { visible } from '../lib/visible';
import { texts } from '../texts';
import { openSearch } from '../url/use_view';

const pathOf = (name: string): string => apiPath(`views/${encodeURIComponent(name)}`);

async function store(name: string): Promise<void> {
  await apiFetch(pathOf(name), {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ query: window.location.search }),
  });
}

function SaveDialog({ close }: { close: () => void }) {
  const [name, setName] = useState('');
  const [error, setError] = useState('');
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const save = (): void => {
    store(name.trim()).then(close, (e: unknown) => setError(e instanceof ApiError ? e.message : String(e)));
  };
  return (
    <Modal isOpen onClose={close} variant="small" aria-labelledby="nf-save">
      <ModalHeader title={texts.views.saveTitle} labelId="nf-save" />
      <ModalBody>
        <Form onSubmit={(e) => { e.preventDefault(); if (name.trim()) save(); }}>
          <FormGroup label={texts.views.name} fieldId="nf-view-name">
            <TextInput id="nf-view-name" value={name} maxLength={80} onChange={(_, v) => setName(v)} ref={input} />
          </FormGroup>
          {error ? <Alert isInline variant="danger" title={error} /> : null}
        </Form>
      </ModalBody>
      <ModalFooter>
        <Button onClick={save} isDisabled={!name.trim()}>{texts.views.save}</Button>
        <Button variant="link" onClick={close}>{texts.cancel}</Button>
      </ModalFooter>
    </Modal>
  );
}

export function SavedViews() {
  const [open, setOpen] = useState(false);
  const [saving, setSaving] = useState(false);
  const [list, setList] = useState<SavedView[]>();
  const [failed, setFailed] = useState(false);
  const load = (): void => {
    apiGet<{ views: SavedView[] }>('views', {}).then(
      (answer) => { setList(answer.views); setFailed(false); },
      () => setFailed(true),
    );
  };
  const remove = (name: string): void => {
    apiFetch(pathOf(name), { method: 'DELETE' }).then(load, () => setFailed(true));
  };
  return (
    <>
      <Dropdown
        isOpen={open}
        onOpenChange={setOpen}
        popperProps={{ position: 'right' }}
        toggle={(ref) => (
          <MenuToggle
            ref={ref}
            variant="plain"
            aria-label={texts.views.label}
            isExpanded={open}
            icon={<BookmarkIcon />}
            onClick={() => {
              if (!open) load();
              setOpen(!open);
            }}
          />
        )}
      >
        <DropdownList>
          {failed ? <DropdownItem isDisabled>{texts.views.failed}</DropdownItem> : null}
          {list?.length === 0 ? <DropdownItem isDisabled>{texts.views.none}</DropdownItem> : null}
          {(list ?? []).map((v) => (
            <DropdownItem
              key={v.name}
              onClick={() => { openSearch(v.query); setOpen(false); }}
              actions={
                <Button variant="plain" icon={<TrashIcon />} aria-label={texts.views.remove(visible(v.name))} onClick={() => remove(v.name)} />
              }
            >
              {visible(v.name)}
            </DropdownItem>
          ))}
          <Divider component="li" />
          <DropdownItem onClick={() => { setSaving(true); setOpen(false); }}>{texts.views.saveThis}</DropdownItem>
        </DropdownList>
      </Dropdown>
      {saving ? <SaveDialog close={() => setSaving(false)} /> : null}
    </>
  );
}
