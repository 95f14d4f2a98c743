// SPDX-License-Identifier: Apache-2.0
import { Button, SearchInput } from '@patternfly/react-core';
import TableIcon from '@patternfly/react-icons/dist/esm/icons/table-icon';
import { useMemo } from 'react';
import type { Top } from '../api/types';
import { useQuery } from '../api/use_query';
import { Choice } from '../frame/choice';
import { useSession } from '../frame/session';
import { Bones, Nothing, QueryError, SlowBar } from '../frame/states';
import { latencyColor, shareColor } from '../lib/palette';
import { rangeParams } from '../lib/range';
import { texts } from '../texts';
import { COLORINGS } from '../url/state';
import { useView } from '../url/use_view';
import { EdgesTable } from './edges_table';
import { buildGraph, foldGraph } from './graph';
import { matches } from './graph_option';
import { NODES, Picture } from './picture';
import { SidePanel } from './side_panel';

const t = texts.topology;
const GROUPS = ['comm', 'container_id', 'unit', 'client', 'exe', 'pod', 'namespace', 'workload', 'node', 'interface'];
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

function Tools() {
  const [view, change] = useView();
  const asTable = view.full === 'table';
  return (
    <div className="nf-tools nf-tools--topology">
      <SearchInput value={view.find} onChange={(_, find) => change({ find }, true)} onClear={() => change({ find: '' }, true)} placeholder={t.search} aria-label={t.search} />
      <Choice label={t.group} shown size="sm" value={view.group} options={GROUPS.map((value) => ({ value, text: texts.field(value) }))} choose={(group) => change({ group, node: '', to: '' })} />
      <Choice label={t.coloring} shown size="sm" value={view.coloring} options={COLORINGS.map((value) => ({ value, text: texts.colorings[value] }))} choose={(coloring) => change({ coloring })} />
      <Choice label={t.nodes} shown size="sm" value={String(view.nodes)} options={NODES.map((n) => ({ value: String(n), text: String(n) }))} choose={(n) => change({ nodes: Number(n) })} />
      <Button variant="secondary" size="sm" icon={<TableIcon />} aria-pressed={asTable} onClick={() => change({ full: asTable ? '' : 'table' })}>{t.table}</Button>
    </div>
  );
}

export default function Topology() {
  const [view, change] = useView();
  const { asked, graph } = useGraph();
  const shown = useMemo(
    () => (graph ? foldGraph(graph, view.nodes, (n) => n.id === view.node || n.id === view.to || matches(n, view.find)) : undefined),
    [graph, view.nodes, view.node, view.to, view.find],
  );
  const node = graph?.nodes.find((n) => n.id === view.node);
  const to = view.to ? graph?.nodes.find((n) => n.id === view.to) : undefined;
  if (asked.error && (!asked.data || asked.error.failure === 'refused')) return <QueryError error={asked.error} />;
  if (graph && graph.nodes.length === 0) return <Nothing />;
  return (
    <>
      <Tools />
      {asked.slow ? <SlowBar cancel={asked.cancel} /> : null}
      <div className="nf-traffic">
        <section className="nf-topology" aria-label={texts.nav.topology}>
          {!shown ? <Bones lines={10} /> : view.full === 'table' ? (
            <EdgesTable graph={shown} />
          ) : (
            <>
              <div className="nf-topology__head"><span>{t.clients}</span>{graph?.total[1] ? <span>{t.resolvers}</span> : null}<span>{t.servers}</span></div>
              <Picture graph={shown} search={view.find} />
              <Scale />
            </>
          )}
        </section>
        {graph && node ? <SidePanel graph={graph} node={node} to={to} close={() => change({ node: '', to: '' })} /> : null}
      </div>
    </>
  );
}
