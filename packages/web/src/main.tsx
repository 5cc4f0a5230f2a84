/** The page's composition root. */
import { createRoot } from 'react-dom/client';
import { z } from 'zod';
import { App } from './shell/app.tsx';
import { listenForKeys } from './shell/commands.ts';
import './ui/base.css';

// The page's content policy forbids eval; without this zod tries it once and the browser reports it.
z.config({ jitless: true });

// A part of an older build is no longer on the server: the page is fetched anew (typing is kept in the browser).
addEventListener('vite:preloadError', () => {
  const key = 'cahier-reloaded-at';
  const last = Number(sessionStorage.getItem(key) ?? 0);
  if (Date.now() - last < 30_000 || !navigator.onLine) return;
  sessionStorage.setItem(key, String(Date.now()));
  location.reload();
});

listenForKeys(window);
const root = document.getElementById('root');
if (root) createRoot(root).render(<App />);

if ('serviceWorker' in navigator && import.meta.env.PROD) {
  addEventListener('load', () => void navigator.serviceWorker.register('/sw.js').catch(() => undefined));
}
