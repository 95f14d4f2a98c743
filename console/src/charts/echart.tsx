// SPDX-License-Identifier: Apache-2.0
import type { EChartsCoreOption, EChartsType } from 'echarts/core';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { texts } from '../texts';
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
  keys?: ChartKeys;
}

export type Arrow = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown';

/** How the items of the first series are walked through by keyboard. */
export interface ChartKeys {
  /** The item that an arrow leads to; from -1, the first. */
  move: (from: number, arrow: Arrow) => number;
  /** What is read out. */
  text: (item: number) => string;
  enter: (item: number) => void;
}

const isArrow = (key: string): key is Arrow => /^Arrow(Left|Right|Up|Down)$/.test(key);

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

/** Without a position of our own the tip would get an arrow, whose markup the page's policy refuses. */
const beside = (point: [number, number]): [number, number] => [point[0] + 12, point[1] + 12];

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

  const [item, setItem] = useState(-1);
  const { keys } = props;
  const plain = <div ref={box} className={`nf-chart ${props.className ?? ''}`} {...(keys ? {} : { role: 'img', 'aria-label': props.label })} />;
  if (!keys) return plain;
  const show = (next: number): void => {
    chart.current?.dispatchAction({ type: 'downplay', seriesIndex: 0 });
    chart.current?.dispatchAction(next < 0 ? { type: 'hideTip' } : { type: 'highlight', seriesIndex: 0, dataIndex: next });
    if (next >= 0) chart.current?.dispatchAction({ type: 'showTip', seriesIndex: 0, dataIndex: next, position: beside });
    setItem(next);
  };
  const down = (event: KeyboardEvent): void => {
    if (isArrow(event.key) && !event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      show(keys.move(item, event.key));
    } else if (event.key === 'Enter' && item >= 0) keys.enter(item);
    else if (event.key === 'Escape' && item >= 0) show(-1);
  };
  return (
    <div className="nf-chart nf-chart--keys" role="application" aria-label={`${props.label}. ${texts.chartKeys}`} tabIndex={0} onKeyDown={down} onBlur={() => show(-1)}>
      {plain}
      <span className="nf-sr" role="status">{item >= 0 ? keys.text(item) : ''}</span>
    </div>
  );
}
