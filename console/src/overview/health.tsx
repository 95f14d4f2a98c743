// SPDX-License-Identifier: Apache-2.0
// The first line of the overview: is DNS all right, and the six numbers that say so.
import BadIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-circle-icon';
import GoodIcon from '@patternfly/react-icons/dist/esm/icons/check-circle-icon';
import InfoIcon from '@patternfly/react-icons/dist/esm/icons/info-circle-icon';
import WarnIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon';
import type { Figures, Metric } from '../api/types';
import { useBefore, useOutcomes, useOutcomeSeries } from '../api/use_outcomes';
import { useSession } from '../frame/session';
import { Bones } from '../frame/states';
import { COMPARE_LEAST, formatChange, formatLatency, formatRate, formatShare } from '../lib/format';
import { seconds } from '../lib/range';
import { texts } from '../texts';
import { useView } from '../url/use_view';
import { verdict, type Grade } from './verdict';

const ICON: { [grade in Grade]: typeof GoodIcon } = { good: GoodIcon, warn: WarnIcon, bad: BadIcon, none: InfoIcon };

export function Sparkline({ values }: { values: (number | null)[] }) {
  const known = values.filter((v): v is number => v !== null);
  if (known.length < 2) return <svg className="nf-spark" aria-hidden="true" />;
  const most = Math.max(...known, Number.MIN_VALUE);
  let pen = 'M';
  const path = values.map((v, i) => {
    if (v === null) {
      pen = 'M';
      return '';
    }
    const step = `${pen}${((i / (values.length - 1)) * 100).toFixed(1)} ${(23 - (v / most) * 21).toFixed(1)}`;
    pen = 'L';
    return step;
  });
  return (
    <svg className="nf-spark" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
      <path d={path.join('')} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

interface TileProps {
  name: string;
  value: string;
  change: string;
  grade?: string;
  steps: (number | null)[];
}

function Tile({ name, value, change, grade, steps }: TileProps) {
  return (
    <div className={`nf-tile ${grade ?? ''}`}>
      <span className="nf-tile__name">{name}</span>
      <span className="nf-tile__value">{value}</span>
      <span className="nf-tile__change" title={texts.servers.trendHelp}>{change}</span>
      <Sparkline values={steps} />
    </div>
  );
}


/** The last step is still running: its count says nothing yet. */
const whole = (steps: (number | null)[] | undefined): (number | null)[] => (steps ?? []).slice(0, -1);

const shareGrade = (share: number | null | undefined): string =>
  (share ?? 0) >= 0.05 ? 'nf-tile--bad' : (share ?? 0) >= 0.01 ? 'nf-tile--warn' : '';

export function Health() {
  const [view] = useView();
  const { range } = useSession();
  const now = useOutcomes(view.filter);
  const before = useBefore(view.filter)?.overall;
  const steps = useOutcomeSeries(view.filter).data?.overall;
  if (!now.data) return now.loading ? <Bones height="5.5rem" /> : null;
  const f: Figures = now.data.overall;
  const v = verdict(f);
  const Icon = ICON[v.grade];
  const tile = (metric: Metric, value: string, grade?: string) => (
    <Tile name={texts.tiles[metric] ?? ''} value={value} change={(before?.count ?? 0) < COMPARE_LEAST ? '' : formatChange(f[metric], before?.[metric])} steps={whole(steps?.[metric])} {...(grade ? { grade } : {})} />
  );
  return (
    <section className={`nf-health nf-health--${v.grade}`} aria-label={texts.verdict.label}>
      <div className="nf-health__verdict" role="status">
        <Icon />
        <span>{v.text}</span>
      </div>
      <div className="nf-health__tiles">
        {tile('count', formatRate((f.count ?? 0) / seconds(range)))}
        {tile('error_share', formatShare(f.error_share), shareGrade(f.error_share))}
        {tile('unanswered_share', formatShare(f.unanswered_share), shareGrade(f.unanswered_share))}
        {tile('p50', formatLatency(f.p50))}
        {tile('p90', formatLatency(f.p90))}
        {tile('p99', formatLatency(f.p99))}
      </div>
    </section>
  );
}
