// SPDX-License-Identifier: Apache-2.0
import '@patternfly/react-core/dist/styles/base.css';
import './style.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { takeToken } from './api/client';
import { App } from './frame/app';
import { SessionProvider } from './frame/session';

takeToken();
// A link with a token may be pasted over a page that is open already.
window.addEventListener('hashchange', () => {
  if (window.location.hash.includes('token=')) {
    takeToken();
    window.location.reload();
  }
});

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <SessionProvider>
        <App />
      </SessionProvider>
    </StrictMode>,
  );
}
