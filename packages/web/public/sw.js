// The app without a network: pages come from the network first and from here when it is away; files under /assets/
// never change (their names hold their hash), so they are kept once seen. Nothing else is touched: no data, no API.
const shell = 'cahier-shell-v1';
const assets = 'cahier-assets-v1';
const appPage = /^\/($|join$|p\/[^/]+\/?$|p\/[^/]+\/edit\/)/;

self.addEventListener('install', (event) => {
  event.waitUntil(keepBuild().then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => ![shell, assets].includes(name)).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

// What this build consists of, so that a document opened once can be edited offline with every part it needs.
async function keepBuild() {
  const response = await fetch('/offline.json', { cache: 'no-store' });
  if (!response.ok) return;
  const { files } = await response.json();
  const cache = await caches.open(assets);
  const known = new Set((await cache.keys()).map((request) => new URL(request.url).pathname));
  await Promise.all(files.filter((file) => !known.has(file)).map((file) => cache.add(file).catch(() => undefined)));
  // Pages that are still open belong to the build before: its files stay until the next one.
  const note = await cache.match('/offline.json');
  const before = note ? (await note.json()).files : [];
  await cache.put('/offline.json', new Response(JSON.stringify({ files })));
  const wanted = new Set([...files, ...before, '/offline.json']);
  for (const request of await cache.keys()) {
    if (!wanted.has(new URL(request.url).pathname)) await cache.delete(request);
  }
  const page = await fetch('/', { cache: 'no-store', redirect: 'error' }).catch(() => null);
  if (page?.ok) await (await caches.open(shell)).put('/', page);
}

async function fromNetworkFirst(request) {
  try {
    const response = await fetch(request);
    if (response.ok && !response.redirected && response.type === 'basic') {
      const isPage = (response.headers.get('content-type') ?? '').startsWith('text/html');
      if (isPage) await (await caches.open(shell)).put('/', response.clone());
    }
    return response;
  } catch (error) {
    const kept = await (await caches.open(shell)).match('/');
    if (kept) return kept;
    throw error;
  }
}

async function fromCacheFirst(request) {
  const cache = await caches.open(assets);
  const kept = await cache.match(request, { ignoreSearch: true });
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (request.mode === 'navigate' && appPage.test(url.pathname) && !url.searchParams.has('token')) {
    event.respondWith(fromNetworkFirst(request));
  } else if (url.pathname.startsWith('/assets/')) {
    event.respondWith(fromCacheFirst(request));
  } else if (url.pathname === '/theme.js' || url.pathname === '/favicon.svg') {
    event.respondWith(fetch(request).catch(() => fromCacheFirst(request)));
  }
});
