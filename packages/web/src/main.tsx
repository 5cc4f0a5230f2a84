/** The page's composition root. */
import { createRoot } from 'react-dom/client';
import { z } from 'zod';
import { App } from './shell/app.tsx';
import { listenForKeys } from './shell/commands.ts';
import './ui/base.css';

// The page's content policy forbids eval; without this zod tries it once and the browser reports it.
z.config({ jitless: true });

listenForKeys(window);
const root = document.getElementById('root');
if (root) createRoot(root).render(<App />);

if ('serviceWorker' in navigator && import.meta.env.PROD) {
  addEventListener('load', () => void navigator.serviceWorker.register('/sw.js').catch(() => undefined));
}
