// Keeps the built files: the page opens without a network. A new build has a new version and replaces the old one.
const version = 'VERSION'
const files = [/* FILES */]
const data = 'studio-data'

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(version).then((cache) => cache.addAll(files)).then(() => self.skipWaiting()))
})

self.addEventListener('activate', (event) => {
  const old = (key) => key.startsWith('studio-') && key !== version && key !== data
  const clear = async () => {
    for (const key of await caches.keys()) if (old(key)) await caches.delete(key)
    await self.clients.claim()
  }
  event.waitUntil(clear())
})

/** Kept files first; data sets are kept once fetched; the page and the list of sets are fetched anew when there is a network. */
async function answer(request) {
  const url = new URL(request.url)
  if (url.pathname.endsWith('/data/sets.json')) {
    try {
      const response = await fetch(request)
      if (response.ok) await keep(request, response.clone())
      return response
    } catch {
      return (await caches.match(request)) ?? Response.error()
    }
  }
  if (request.mode === 'navigate') {
    try {
      return await fetch(request)
    } catch {
      return (await caches.match('./', { ignoreSearch: true })) ?? Response.error()
    }
  }
  const kept = await caches.match(request, { ignoreSearch: true })
  if (kept !== undefined) return kept
  const response = await fetch(request)
  if (response.ok && url.pathname.includes('/data/')) void keep(request, response.clone())
  return response
}
/** Where there is no room for it, it is fetched again next time. */
const keep = (request, response) => caches.open(data).then((cache) => cache.put(request, response)).catch(() => undefined)

self.addEventListener('fetch', (event) => {
  const { request } = event
  if (request.method === 'GET' && new URL(request.url).origin === self.location.origin) event.respondWith(answer(request))
})
