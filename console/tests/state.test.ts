// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { DEFAULTS, formatState, parseState, type ViewState } from '../src/url/state';

describe('the address', () => {
  it('is empty for what is the default', () => {
    expect(formatState(DEFAULTS)).toBe('');
    expect(parseState('')).toEqual(DEFAULTS);
  });

  it('holds everything that can be chosen', () => {
    const state: ViewState = {
      view: 'traffic', from: '2026-11-24T05:00:00.000Z', until: '-5m', filter: 'rcode=NXDOMAIN "a b" x&y=1',
      off: ['latency>1s', 'comm=dig'], refresh: 'live', zone: 'utc',
      panels: [{ id: 'heat' }, { id: 'p99', kind: 'bars', top: 25 }, { id: 'names', top: 15 }],
      full: 'p99', by: 'comm', columns: [{ field: 'time', width: 120 }, { field: 'edns.udp_size' }], order: 'latency_us',
      density: 'compact', histogram: false, row: '42', tab: 'raw', group: 'unit', coloring: 'p99', node: 'g:x', to: 's:192.0.2.1', find: 'x',
      nodes: 100,
    };
    expect(parseState(formatState(state))).toEqual(state);
  });

  it('takes no notice of what it does not know', () => {
    const state = parseState('?view=nothing&density=x&nodes=99999999&row=-1&panels=a:b:c&columns=time:1&refresh=1ms');
    expect(state).toMatchObject({ view: 'overview', density: 'normal', nodes: 500, row: '', refresh: '30s' });
    expect(state.panels).toEqual([{ id: 'a' }]);
    expect(state.columns).toEqual([{ field: 'time', width: 40 }]);
  });
});
