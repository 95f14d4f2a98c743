// SPDX-License-Identifier: Apache-2.0
import type { EChartsCoreOption, EChartsType } from 'echarts/core';
import { useEffect, useRef } from 'react';
import { echarts } from './core';

export interface ChartClick {
  seriesName: string;
  name: string;
  dataType?: string;
  data: unknown;
  x: number;
  y: number;
}

export interface ChartProps {
  option: EChartsCoreOption;
  label: string;
  className?: string;
  background: string;
  click?: (click: ChartClick) => void;
  /** A range of the x axis was drawn with the mouse. */
  brush?: (from: number, until: number) => void;
  /** Given a function that draws the chart as PNG; undefined when it is gone. */
  png?: (draw: (() => string) | undefined) => void;
  chart?: (chart: EChartsType | undefined) => void;
}

interface EventParams {
  seriesName?: string;
  name?: string;
  dataType?: string;
  data?: unknown;
  event?: { event?: MouseEvent };
}

function listen(chart: EChartsType, props: { current: ChartProps }): void {
  chart.on('click', (raw) => {
    const params = raw as unknown as EventParams;
    const mouse = params.event?.event;
    props.current.click?.({
      seriesName: params.seriesName ?? '', name: params.name ?? '', data: params.data,
      ...(params.dataType ? { dataType: params.dataType } : {}),
      x: mouse?.clientX ?? 0, y: mouse?.clientY ?? 0,
    });
  });
  chart.on('brushEnd', (raw) => {
    const range = (raw as { areas?: { coordRange?: [number, number] }[] }).areas?.[0]?.coordRange;
    chart.dispatchAction({ type: 'brush', areas: [] });
    if (range) props.current.brush?.(range[0], range[1]);
  });
}

const brushAction = { type: 'takeGlobalCursor', key: 'brush', brushOption: { brushType: 'lineX', brushMode: 'single' } };

export default function EChart(props: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>();
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    const node = box.current;
    if (!node) return undefined;
    const made = echarts.init(node, undefined, { renderer: 'canvas' });
    chart.current = made;
    listen(made, latest);
    latest.current.chart?.(made);
    latest.current.png?.(() => made.getDataURL({ pixelRatio: 2, backgroundColor: latest.current.background }));
    const watch = new ResizeObserver(() => made.resize());
    watch.observe(node);
    return () => {
      watch.disconnect();
      latest.current.png?.(undefined);
      latest.current.chart?.(undefined);
      made.dispose();
    };
  }, []);

  const { option, brush } = props;
  useEffect(() => {
    chart.current?.setOption(option, { replaceMerge: ['series', 'xAxis', 'yAxis', 'visualMap'] });
    if (brush) chart.current?.dispatchAction(brushAction);
    // A new function is not a new brush.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [option]);

  return <div ref={box} className={`nf-chart ${props.className ?? ''}`} role="img" aria-label={props.label} />;
}
