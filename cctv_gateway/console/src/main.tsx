/**
 * Starts the console in the page.
 * Everything that is shown begins in `App.tsx`.
 */
import '@mantine/core/styles.css';
import './design/global.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { App } from './App';

// A page that comes back from the browser's memory has closed its views: begin anew.
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload();
});

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
