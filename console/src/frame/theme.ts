// SPDX-License-Identifier: Apache-2.0
// The theme is a person's own choice and stays in the browser; a link does not carry it.
import { useCallback, useEffect, useState } from 'react';
import type { Theme } from '../lib/palette';

export const THEME_CHOICES = ['system', 'light', 'dark'] as const;
export type ThemeChoice = (typeof THEME_CHOICES)[number];

const KEY = 'nameflow-theme';
const DARK = '(prefers-color-scheme: dark)';

function stored(): ThemeChoice {
  const text = window.localStorage.getItem(KEY);
  return THEME_CHOICES.find((choice) => choice === text) ?? 'system';
}

const themeOf = (choice: ThemeChoice): Theme => {
  if (choice !== 'system') return choice;
  return window.matchMedia(DARK).matches ? 'dark' : 'light';
};

export function applyTheme(theme: Theme): void {
  document.documentElement.classList.toggle('pf-v6-theme-dark', theme === 'dark');
}

export function useTheme(): { theme: Theme; choice: ThemeChoice; choose: (c: ThemeChoice) => void } {
  const [choice, setChoice] = useState<ThemeChoice>(stored);
  const [theme, setTheme] = useState<Theme>(() => themeOf(stored()));
  useEffect(() => {
    const media = window.matchMedia(DARK);
    const update = (): void => setTheme(themeOf(choice));
    update();
    media.addEventListener('change', update);
    return () => media.removeEventListener('change', update);
  }, [choice]);
  useEffect(() => applyTheme(theme), [theme]);
  const choose = useCallback((next: ThemeChoice) => {
    window.localStorage.setItem(KEY, next);
    setChoice(next);
  }, []);
  return { theme, choice, choose };
}
