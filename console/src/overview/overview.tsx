// SPDX-License-Identifier: Apache-2.0
import { Button } from '@patternfly/react-core';
import ColumnsIcon from '@patternfly/react-icons/dist/esm/icons/columns-icon';
import { useState } from 'react';
import { useOutcomes } from '../api/use_outcomes';
import { Choice } from '../frame/choice';
import { Manage } from '../frame/manage';
import { Nothing, QueryError } from '../frame/states';
import { texts } from '../texts';
import type { PanelChoice } from '../url/state';
import { useView } from '../url/use_view';
import { Health } from './health';
import { PanelCard } from './panel_card';
import { DEFAULT_PANELS, LATENCY_BY, PANELS, panelOf } from './panels';

function Tools({ manage }: { manage: () => void }) {
  const [view, change] = useView();
  return (
    <div className="nf-tools">
      <Choice
        label={texts.panel.latencyBy}
        shown
        size="sm"
        value={view.by}
        options={LATENCY_BY.map((value) => ({ value, text: texts.field(value) }))}
        choose={(by) => change({ by })}
      />
      <Button variant="secondary" size="sm" icon={<ColumnsIcon />} onClick={manage}>{texts.panel.manage}</Button>
    </div>
  );
}

export default function Overview() {
  const [view, change] = useView();
  const [managing, setManaging] = useState(false);
  const { data, error } = useOutcomes(view.filter);
  const choices = view.panels ?? DEFAULT_PANELS;
  const update = (next: PanelChoice): void => change({ panels: choices.map((c) => (c.id === next.id ? next : c)) });
  const shown = view.full ? [choices.find((c) => c.id === view.full) ?? { id: view.full }] : choices;
  if (error?.failure === 'refused') return <QueryError error={error} />;
  if (data && !data.overall.count) return <Nothing />;
  return (
    <>
      {view.full ? null : <Health />}
      {view.full ? null : <Tools manage={() => setManaging(true)} />}
      <div className={view.full ? 'nf-panels nf-panels--full' : 'nf-panels'}>
        {shown.map((choice) => {
          const panel = panelOf(choice.id);
          if (!panel) return null;
          return (
            <PanelCard
              key={panel.id}
              panel={panel}
              choice={choice}
              full={view.full === panel.id}
              update={update}
              hide={() => change({ panels: choices.filter((c) => c.id !== panel.id) })}
            />
          );
        })}
      </div>
      {managing ? (
        <Manage
          title={texts.panel.manage}
          help={texts.panel.manageHelp}
          entries={PANELS}
          shown={choices.map((c) => c.id)}
          standard={DEFAULT_PANELS.map((c) => c.id)}
          save={(ids) => change({ panels: ids && ids.map((id) => choices.find((c) => c.id === id) ?? { id }) })}
          close={() => setManaging(false)}
        />
      ) : null}
    </>
  );
}
