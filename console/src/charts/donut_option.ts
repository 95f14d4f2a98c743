// SPDX-License-Identifier: Apache-2.0
import type { EChartsCoreOption } from 'echarts/core';
import { formatCount, formatShare } from '../lib/format';
import type { Theme } from '../lib/palette';
import { FONT, ink } from './colors';
import { tip } from './tip';

export interface Slice {
  name: string;
  color: string;
  value: number;
  key?: string | null;
}

export function donutOption(slices: Slice[], theme: Theme): EChartsCoreOption {
  const colors = ink(theme);
  const total = slices.reduce((sum, s) => sum + s.value, 0);
  const byName = new Map(slices.map((s) => [s.name, s]));
  const share = (name: string): string => formatShare((byName.get(name)?.value ?? 0) / (total || 1));
  return {
    animation: false,
    textStyle: { fontFamily: FONT },
    tooltip: {
      trigger: 'item', appendTo: 'body', className: 'nf-tooltip', transitionDuration: 0,
      formatter: (raw: unknown) => {
        const p = raw as { name: string; value: number; color: string };
        return tip(p.name, [{ color: p.color, name: formatCount(p.value), value: share(p.name) }]);
      },
    },
    series: [
      {
        type: 'pie', radius: ['56%', '88%'], label: { show: false },
        itemStyle: { borderColor: colors.paper, borderWidth: 2 },
        data: slices.map((s) => ({ name: s.name, value: s.value, itemStyle: { color: s.color } })),
      },
    ],
  };
}
