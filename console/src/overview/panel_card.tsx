// SPDX-License-Identifier: Apache-2.0
import { Button, Modal, ModalBody, ModalHeader } from '@patternfly/react-core';
import CompressIcon from '@patternfly/react-icons/dist/esm/icons/compress-icon';
import { useRef, useState, type ReactNode } from 'react';
import { AskingContext } from '../api/use_query';
import { useSession } from '../frame/session';
import { csvLine, download, downloadUrl } from '../lib/csv';
import { texts } from '../texts';
import type { PanelChoice } from '../url/state';
import { useView } from '../url/use_view';
import { barsPng } from './bars_png';
import { ExportsContext, type Exports, type PlainTable } from './exports';
import { GroupPanel } from './group_panel';
import { HeatPanel } from './heat_panel';
import { PanelMenu } from './panel_menu';
import type { Panel } from './panels';
import { PlainTableView } from './plain_table';
import { ServersPanel } from './servers_panel';
import { useSight } from './use_sight';

interface Props {
  panel: Panel;
  choice: PanelChoice;
  full: boolean;
  update: (choice: PanelChoice) => void;
  hide: () => void;
}

function Body({ panel, choice, title }: { panel: Panel; choice: PanelChoice; title: string }): ReactNode {
  const kind = choice.kind ?? panel.kind;
  const top = choice.top ?? panel.top;
  switch (panel.what.type) {
    case 'heat':
      return <HeatPanel title={title} />;
    case 'servers':
      return <ServersPanel top={top} title={title} />;
    default:
      return <GroupPanel what={panel.what} title={title} kind={kind} top={top} />;
  }
}

export function titleOf(panel: Panel, by: string): string {
  return panel.what.type === 'groups' && panel.what.by === null
    ? `${panel.title} ${texts.panel.by} ${texts.field(by).toLowerCase()}`
    : panel.title;
}

export function PanelCard({ panel, choice, full, update, hide }: Props) {
  const [view, change] = useView();
  const { theme } = useSession();
  const exports = useRef<Exports>({});
  const [box, sight] = useSight<HTMLElement>();
  const [table, setTable] = useState<PlainTable>();
  const title = titleOf(panel, view.by);
  const png = (): void => {
    const url = exports.current.png?.() ?? barsPng(title, exports.current.table?.() ?? { head: [], rows: [] }, theme);
    downloadUrl(`nameflow-${panel.id}.png`, url);
  };
  const csv = (): void => {
    const t = exports.current.table?.();
    if (t) download(`nameflow-${panel.id}.csv`, [csvLine(t.head), ...t.rows.map(csvLine)], 'text/csv');
  };
  const close = (): void => change({ full: '' });
  return (
    <section ref={box} className={`nf-panel nf-span-${full ? 12 : panel.span}${full ? ' nf-panel--full' : ''}`} aria-label={title} data-panel={panel.id}>
      <header className="nf-panel__head">
        <h2 title={panel.help}>{title}</h2>
        {full ? <Button variant="plain" size="sm" icon={<CompressIcon />} aria-label={texts.panel.small} onClick={close} /> : null}
        <PanelMenu
          panel={panel}
          title={title}
          kind={choice.kind ?? panel.kind}
          top={choice.top ?? panel.top}
          full={full}
          choose={(c) => update({ ...choice, ...c })}
          act={{
            full: () => change({ full: full ? '' : panel.id }),
            table: () => setTable(exports.current.table?.()),
            png, csv, hide,
          }}
        />
      </header>
      <div className="nf-panel__body">
        <ExportsContext.Provider value={exports}>
          <AskingContext.Provider value={sight.now}>
            {sight.seen ? <Body panel={panel} choice={choice} title={title} /> : null}
          </AskingContext.Provider>
        </ExportsContext.Provider>
      </div>
      {table ? (
        <Modal isOpen onClose={() => setTable(undefined)} variant="large" aria-labelledby="nf-as-table">
          <ModalHeader title={title} labelId="nf-as-table" />
          <ModalBody><PlainTableView table={table} label={title} /></ModalBody>
        </Modal>
      ) : null}
    </section>
  );
}
