// SPDX-License-Identifier: Apache-2.0
import { useCallback, useSyncExternalStore } from 'react';
import { formatState, parseState, type ViewState } from './state';

const CHANGED = 'nameflow-address';
let cachedSearch: string | null = null;
let cached: ViewState;

function snapshot(): ViewState {
  if (window.location.search !== cachedSearch) {
    cachedSearch = window.location.search;
    cached = parseState(cachedSearch);
  }
  return cached;
}

function subscribe(changed: () => void): () => void {
  window.addEventListener('popstate', changed);
  window.addEventListener(CHANGED, changed);
  return () => {
    window.removeEventListener('popstate', changed);
    window.removeEventListener(CHANGED, changed);
  };
}

export type Change = Partial<ViewState>;

/** Changes the address. `replace`: without a step of its own for the browser's "back". */
export function changeView(change: Change, replace = false): void {
  const search = formatState({ ...snapshot(), ...change });
  if (search === window.location.search) return;
  const address = window.location.pathname + search;
  if (replace) window.history.replaceState(null, '', address);
  else window.history.pushState(null, '', address);
  window.dispatchEvent(new Event(CHANGED));
}

/** Goes to a whole saved state. */
export function openSearch(search: string): void {
  window.history.pushState(null, '', window.location.pathname + search);
  window.dispatchEvent(new Event(CHANGED));
}

export function hrefOf(change: Change): string {
  return window.location.pathname + formatState({ ...snapshot(), ...change });
}

export function useView(): [ViewState, typeof changeView] {
  const state = useSyncExternalStore(subscribe, snapshot);
  return [state, useCallback(changeView, [])];
}
