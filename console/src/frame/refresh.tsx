// SPDX-License-Identifier: Apache-2.0
import { Button } from '@patternfly/react-core';
import SyncIcon from '@patternfly/react-icons/dist/esm/icons/sync-alt-icon';
import { texts } from '../texts';
import { REFRESHES } from '../url/state';
import { useView } from '../url/use_view';
import { Choice } from './choice';
import { useSession } from './session';

export function RefreshControl() {
  const [view, change] = useView();
  const { refresh } = useSession();
  return (
    <div className="nf-row nf-refresh">
      <Choice
        label={texts.refresh.label}
        value={view.refresh}
        options={REFRESHES.map((value) => ({ value, text: texts.refresh.every[value] }))}
        choose={(value) => change({ refresh: value })}
      />
      <Button variant="plain" aria-label={texts.refresh.now} title={texts.refresh.now} onClick={refresh} icon={<SyncIcon />} />
    </div>
  );
}
