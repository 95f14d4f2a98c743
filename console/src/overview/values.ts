// SPDX-License-Identifier: Apache-2.0
import type { Metric } from '../api/types';
import { formatCount, formatLatency, formatShare } from '../lib/format';
import { visible } from '../lib/visible';
import { texts } from '../texts';

export const isLatency = (m: Metric): boolean => ['average', 'p50', 'p90', 'p99', 'max', 'min'].includes(m);

export function formatMetric(metric: Metric, value: number | null | undefined): string {
  if (isLatency(metric)) return formatLatency(value);
  if (metric.endsWith('share')) return formatShare(value);
  return formatCount(value);
}

/** How a key of a group is written. */
export function keyText(field: string, key: string | null): string {
  if (field === 'outcome' && key !== null) return texts.outcomes[key] ?? visible(key);
  if (key !== null) return key === '' ? '""' : visible(key);
  return field === 'rcode' ? texts.noAnswer : texts.absentOf(texts.field(field));
}
