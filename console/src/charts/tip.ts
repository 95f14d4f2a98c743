// SPDX-License-Identifier: Apache-2.0
// Tooltips as elements: texts from the network never become markup, and no style attribute is
// needed (the Content-Security-Policy forbids them in markup).
import { shorten, visible } from '../lib/visible';

export interface TipRow {
  color?: string;
  name: string;
  value: string;
  strong?: boolean;
}

export function tip(title: string, rows: TipRow[]): HTMLElement {
  const box = document.createElement('div');
  box.className = 'nf-tip';
  const head = box.appendChild(document.createElement('div'));
  head.className = 'nf-tip__title';
  head.textContent = visible(title);
  for (const row of rows) {
    const line = box.appendChild(document.createElement('div'));
    line.className = row.strong ? 'nf-tip__row nf-tip__row--strong' : 'nf-tip__row';
    const dot = line.appendChild(document.createElement('span'));
    dot.className = 'nf-dot';
    if (row.color) dot.style.background = row.color;
    line.appendChild(document.createElement('span')).textContent = shorten(visible(row.name), 56);
    const value = line.appendChild(document.createElement('span'));
    value.className = 'nf-tip__value';
    value.textContent = row.value;
  }
  return box;
}
