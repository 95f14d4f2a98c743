// SPDX-License-Identifier: Apache-2.0
import type { Theme } from '../lib/palette';

export interface Ink {
  text: string;
  dim: string;
  line: string;
  paper: string;
}

/** Colours of axes and texts on a canvas, which knows no style sheet. */
export function ink(theme: Theme): Ink {
  return theme === 'dark'
    ? { text: '#e8eaec', dim: '#b2b9bf', line: '#43484d', paper: '#292929' }
    : { text: '#1f2326', dim: '#55595e', line: '#dcdfe2', paper: '#ffffff' };
}

export const FONT = '"Red Hat Text", RedHatText, Helvetica, Arial, sans-serif';
