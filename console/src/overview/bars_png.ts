// SPDX-License-Identifier: Apache-2.0
import { FONT, ink } from '../charts/colors';
import { formatCount } from '../lib/format';
import { plainColor, type Theme } from '../lib/palette';
import { shorten } from '../lib/visible';
import type { PlainTable } from './exports';

const WIDTH = 900;
const LINE = 30;
const TOP = 52;

/** A picture of what is no canvas on the page: names and bars of the table's last column. */
export function barsPng(title: string, table: PlainTable, theme: Theme): string {
  const colors = ink(theme);
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH * 2;
  canvas.height = (TOP + LINE * table.rows.length + 12) * 2;
  const c = canvas.getContext('2d');
  if (!c) return '';
  c.scale(2, 2);
  c.fillStyle = colors.paper;
  c.fillRect(0, 0, WIDTH, canvas.height);
  c.fillStyle = colors.text;
  c.font = `600 16px ${FONT}`;
  c.fillText(title, 16, 30);
  c.font = `13px ${FONT}`;
  const valueOf = (row: PlainTable['rows'][number]): number => {
    const value = row.slice(1).find((v) => typeof v === 'number');
    return typeof value === 'number' ? value : 0;
  };
  const most = Math.max(...table.rows.map(valueOf), Number.MIN_VALUE);
  table.rows.forEach((row, i) => {
    const y = TOP + i * LINE;
    c.fillStyle = colors.text;
    c.fillText(shorten(String(row[0] ?? '–'), 52), 16, y + 16);
    c.fillText(formatCount(valueOf(row)), WIDTH - 90, y + 16);
    c.fillStyle = plainColor(theme);
    c.fillRect(400, y + 5, (valueOf(row) / most) * 390, 14);
  });
  return canvas.toDataURL('image/png');
}
