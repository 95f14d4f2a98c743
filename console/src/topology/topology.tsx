// SPDX-License-Identifier: Apache-2.0
import { Button, SearchInput } from '@patternfly/react-core';
import TableIcon from '@patternfly/react-icons/dist/esm/icons/table-icon';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Top } from '../api/types';
import { useQuery } from '../api/use_query';
import { Chart } from '../charts/chart';
import type { ChartClick } from '../charts/echart';
import { Choice } from '../frame/choice';
import { useSession } from '../frame/session';
import { Bones, Nothing, QueryError, SlowBar } from '../frame/states';
import { useFilterMenu } from '../filter/filter_menu';
import { joinTerms, quoteValue, termFor } from '../lib/filter_text';
import { rangeParams, seconds } from '../lib/range';
import { latencyColor, shareColor } from '../lib/palette';
import type { PlainTable } from '../overview/exports';
import { PlainTableView } from '../overview/plain_table';
import { formatMetric } from '../overview/values';
import { texts } from '../texts';
import { COLORINGS } from '../url/state';
import { useView } from '../url/use_view';
import { buildGraph, foldGraph, layout, type Edge, type Graph, type Node } from './graph';
import { graphOption, margin, matches, nodeText } from './graph_option';
import { NodePanel } from './node_panel';

const t = texts.topology;
const GROUPS = ['comm', 'container_id', 'unit', 'client', 'exe', 'pod', 'namespace', 'workload', 'node', 'interface'];
const NODES = [20, 40, 100, 250, 500];
const LIMIT = 1000;
const FIGURES = 'count,error_share,unanswered_share,p50,p90,p99';

function useGraph() {
  const [view] = useView();
  const { range } = useSession();
  const ask = (by: string, metrics: string) => ({ ...rangeParams(range), by, metrics, limit: LIMIT, filter: view.filter });
  const asked = useQuery<Top>('top', ask(`${view.group},server`, FIGURES));
  const processes = useQuery<Top>('top', ask('server,server_comm', 'count')).data;
  const groups = useQuery<Top>(view.group === 'comm' ? null : 'top', ask(`comm,${view.group}`, 'count')).data;
  // An answer to the group chosen before has other keys.
  const fits = asked.data?.by[0] === view.group;
  const graph = useMemo(
    () => (fits && asked.data
      ? buildGraph({ group: view.group, asked: asked.data.groups, processes: processes?.groups ?? [], groups: groups?.by[1] === view.group ? groups.groups : [] })
      : undefined),
    [asked.data, fits, processes, groups, view.group],
  );
  return { asked, graph };
}

function Scale() {
  const [view] = useView();
  const { theme } = useSession();
  const share = view.coloring.endsWith('share');
  const steps = share ? [0, 0.01, 0.1, 0.5] : [1e3, 5e4, 5e5, 5e6];
  const words = share ? ['< 0.5 %', '< 5 %', '< 20 %', '≥ 20 %'] : ['< 20 ms', '< 100 ms', '< 1 s', '≥ 1 s'];
  return (
    <ul className="nf-legend">
      {steps.map((s, i) => (
        <li key={s}><span className="nf-dot" style={{ background: share ? shareColor(s, theme) : latencyColor(s, theme) }} />{words[i]}</li>
      ))}
    </ul>
  );
}

function Tools({ search, setSearch }: { search: string; setSearch: (text: string) => void }) {
  const [view, change] = useView();
  const asTable = view.full === 'table';
  return (
    <div className="nf-tools nf-tools--topology">
      <SearchInput value={search} onChange={(_, v) => setSearch(v)} onClear={() => setSearch('')} placeholder={t.search} aria-label={t.search} />
      <Choice label={t.group} shown size="sm" value={view.group} options={GROUPS.map((value) => ({ value, text: texts.field(value) }))} choose={(group) => change({ group, node: '' })} />
      <Choice label={t.coloring} shown size="sm" value={view.coloring} options={COLORINGS.map((value) => ({ value, text: texts.colorings[value] }))} choose={(coloring) => change({ coloring })} />
      <Choice label={t.nodes} shown size="sm" value={String(view.nodes)} options={NODES.map((n) => ({ value: String(n), text: String(n) }))} choose={(n) => change({ nodes: Number(n) })} />
      <Button variant="secondary" size="sm" icon={<TableIcon />} aria-pressed={asTable} onClick={() => change({ full: asTable ? '' : 'table' })}>{t.table}</Button>
    </div>
  );
}

function edgesTable(graph: Graph): PlainTable {
  const names = new Map(graph.nodes.map((n) => [n.id, nodeText(n)]));
  return {
    head: [t.edge, ...(['count', 'error_share', 'unanswered_share', 'p50', 'p90', 'p99'] as const).map((m) => texts.metrics[m])],
    rows: [...graph.edges].sort((a, b) => b.count - a.count).map((e) => [
      `${names.get(e.from) ?? ''} → ${names.get(e.to) ?? ''}`, e.count, e.figures.error_share ?? null,
      e.figures.unanswered_share ?? null, e.figures.p50 ?? null, e.figures.p90 ?? null, e.figures.p99 ?? null,
    ]),
  };
}

const EDGE_METRICS = ['count', 'error_share', 'unanswered_share', 'p50', 'p90', 'p99'] as const;

function useSize() {
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 1000, height: 600 });
  useEffect(() => {
    const node = box.current;
    if (!node) return undefined;
    const watch = new ResizeObserver(() => setSize({ width: node.clientWidth, height: node.clientHeight }));
    watch.observe(node);
    return () => watch.disconnect();
  }, []);
  return { box, ...size };
}

/** A node as the one that is asked: by its addresses. */
const asked = (n: Node): string => (n.also.length > 0 ? `server=${n.also.map(quoteValue).join(',')}` : termFor('server', n.value));

function Picture({ graph, search }: { graph: Graph; search: string }) {
  const [view, change] = useView();
  const { range, theme } = useSession();
  const open = useFilterMenu();
  const { box, width, height } = useSize();
  const option = useMemo(() => {
    const places = layout(graph, width - 2 * margin(width), Math.max(height - 48, 100));
    return graphOption({ graph, places, width, perSecond: seconds(range), coloring: view.coloring, theme, selected: view.node, search });
  }, [graph, width, height, range, theme, view.coloring, view.node, search]);
  // An edge: its server by itself, or both ends together.
  const openEdge = (edge: Edge, x: number, y: number): void => {
    const [from, to] = [edge.from, edge.to].map((id) => graph.nodes.find((n) => n.id === id));
    if (!from || !to || from.folded !== undefined || to.folded !== undefined) return;
    const both = (): void => change({ filter: joinTerms([view.filter, termFor(from.field, from.value), asked(to)]) });
    open({ field: to.field, value: to.value, x, y, more: [{ text: t.both, act: both }] });
  };
  const click = (c: ChartClick): void => {
    const { edge } = (c.data ?? {}) as { edge?: Edge };
    if (edge) openEdge(edge, c.x, c.y);
    if (c.dataType !== 'node') return;
    if (c.name.startsWith('f:')) change({ nodes: NODES.find((n) => n > view.nodes) ?? 500 });
    else change({ node: c.name });
  };
  return <div ref={box} className="nf-topology__picture"><Chart option={option} label={t.label(graph.nodes.length, graph.edges.length)} click={click} /></div>;
}

export default function Topology() {
  const [view, change] = useView();
  const [search, setSearch] = useState('');
  const { asked, graph } = useGraph();
  const shown = useMemo(
    () => (graph ? foldGraph(graph, view.nodes, (n) => n.id === view.node || matches(n, search)) : undefined),
    [graph, view.nodes, view.node, search],
  );
  const node = graph?.nodes.find((n) => n.id === view.node);
  if (asked.error && (!asked.data || asked.error.failure === 'refused')) return <QueryError error={asked.error} />;
  if (graph && graph.nodes.length === 0) return <Nothing />;
  return (
    <>
      <Tools search={search} setSearch={setSearch} />
      {asked.slow ? <SlowBar cancel={asked.cancel} /> : null}
      <div className="nf-traffic">
        <section className="nf-topology" aria-label={texts.nav.topology}>
          {!shown ? <Bones lines={10} /> : view.full === 'table' ? (
            <PlainTableView table={edgesTable(shown)} label={t.table} format={(v, c) => formatMetric(EDGE_METRICS[c - 1] ?? 'count', v)} />
          ) : (
            <>
              <div className="nf-topology__head"><span>{t.clients}</span>{graph?.total[1] ? <span>{t.resolvers}</span> : null}<span>{t.servers}</span></div>
              <Picture graph={shown} search={search} />
              <Scale />
            </>
          )}
        </section>
        {node ? <NodePanel node={node} close={() => change({ node: '' })} /> : null}
      </div>
    </>
  );
}
