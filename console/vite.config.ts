// SPDX-License-Identifier: Apache-2.0
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// What the agent embeds: hashed names, nothing inlined, so that the Content-Security-Policy needs
// neither 'unsafe-inline' nor data: for scripts, styles and fonts.
export default defineConfig({
  plugins: [react()],
  base: './',
  build: {
    target: 'es2021',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': process.env['NAMEFLOW_API'] ?? 'http://127.0.0.1:8099' } },
  test: { environment: 'jsdom', include: ['tests/**/*.test.ts', 'tests/**/*.test.tsx'] },
});
