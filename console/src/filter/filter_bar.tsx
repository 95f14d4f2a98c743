// SPDX-License-Identifier: Apache-2.0
import { Button, ToggleGroup, ToggleGroupItem } from '@patternfly/react-core';
import CodeIcon from '@patternfly/react-icons/dist/esm/icons/code-icon';
import { useEffect, useState } from 'react';
import type { Problem } from '../api/types';
import { useSession } from '../frame/session';
import { joinTerms, splitFilter, withTerm } from '../lib/filter_text';
import { visible } from '../lib/visible';
import { texts } from '../texts';
import { useView } from '../url/use_view';
import { checkFilter } from './check';
import { Chips } from './chips';
import { FilterInput } from './filter_input';
import { quickFilters } from './quick';

/** Where a filter is wrong, and what would be right. Columns count from 1. */
export function Mistake({ text, problem }: { text: string; problem: Problem }) {
  const column = problem.column ?? 0;
  const width = Math.max(problem.width ?? 1, 1);
  return (
    <div className="nf-mistake" role="alert">
      {column > 0 ? (
        <pre className="nf-mistake__text">
          {visible(text.slice(0, column - 1))}
          <mark>{visible(text.slice(column - 1, column - 1 + width)) || ' '}</mark>
          {visible(text.slice(column - 1 + width))}
        </pre>
      ) : null}
      <div>{visible(problem.detail ?? problem.title ?? '')}</div>
    </div>
  );
}

function QuickFilters() {
  const [view, change] = useView();
  const { status } = useSession();
  const on = splitFilter(view.filter).map((t) => t.text);
  return (
    <ToggleGroup aria-label={texts.quick.label} isCompact className="nf-quick">
      {quickFilters(status?.you).map((q) => {
        const selected = on.includes(q.term);
        return (
          <ToggleGroupItem
            key={q.id}
            text={q.label}
            {...(q.help ? { title: q.help } : {})}
            buttonId={`nf-quick-${q.id}`}
            isSelected={selected}
            onChange={() =>
              change({ filter: selected ? joinTerms(on.filter((t) => t !== q.term)) : withTerm(view.filter, q.term) })
            }
          />
        );
      })}
    </ToggleGroup>
  );
}

type Editing = { kind: 'add' } | { kind: 'term'; index: number } | { kind: 'all' };

/** The whole filter after what is in the input has been taken. */
function resultOf(editing: Editing, filter: string, text: string): string {
  if (editing.kind === 'all') return text.trim();
  if (editing.kind === 'term') {
    return joinTerms(splitFilter(filter).map((t, i) => (i === editing.index ? text : t.text)));
  }
  return splitFilter(text).reduce((result, term) => withTerm(result, term.text), filter);
}

export function FilterBar() {
  const [view, change] = useView();
  const [editing, setEditing] = useState<Editing>({ kind: 'add' });
  const [text, setText] = useState('');
  const [mistake, setMistake] = useState<{ text: string; problem: Problem }>();
  const [focusOn, setFocusOn] = useState(0);

  // A link may bring a wrong filter along.
  useEffect(() => {
    const stop = new AbortController();
    setMistake(undefined);
    void checkFilter(view.filter, stop.signal).then((problem) => {
      if (problem && !stop.signal.aborted) setMistake({ text: view.filter, problem });
    });
    return () => stop.abort();
  }, [view.filter]);

  const stop = (): void => {
    setEditing({ kind: 'add' });
    setText('');
    setMistake(undefined);
  };
  const begin = (what: Editing, initial: string): void => {
    setEditing(what);
    setText(initial);
    setFocusOn((n) => n + 1);
  };
  const enter = async (): Promise<void> => {
    if (!text.trim() && editing.kind === 'add') return;
    // Checked as it was typed, so that the place of a mistake is the place in the input.
    const problem = await checkFilter(text);
    if (problem) {
      setMistake({ text, problem });
      return;
    }
    change({ filter: resultOf(editing, view.filter, text) });
    stop();
  };
  return (
    <div className="nf-filter" role="search" aria-label={texts.filter.label}>
      <div className="nf-filter__line">
        <FilterInput
          text={text}
          setText={setText}
          filter={editing.kind === 'add' ? view.filter : ''}
          placeholder={texts.filter.placeholder}
          enter={() => void enter()}
          escape={stop}
          focusOn={focusOn}
        />
        <Button
          variant="plain"
          icon={<CodeIcon />}
          title={texts.filter.asText}
          aria-label={texts.filter.asText}
          aria-pressed={editing.kind === 'all'}
          onClick={() => (editing.kind === 'all' ? stop() : begin({ kind: 'all' }, view.filter))}
        />
      </div>
      {mistake ? <Mistake text={mistake.text} problem={mistake.problem} /> : null}
      <div className="nf-filter__terms">
        <QuickFilters />
        <Chips edit={(term, index) => begin({ kind: 'term', index }, term)} />
        {view.filter || view.off.length > 0 ? (
          <Button variant="link" size="sm" isInline onClick={() => { change({ filter: '', off: [] }); stop(); }}>{texts.filter.clear}</Button>
        ) : null}
      </div>
    </div>
  );
}
