/**
 * The field app without a network: its files are kept when it is first opened, and every page of it is one page.
 *
 * A new version waits until no screen of the old one is open: nobody's form changes under his hands.
 */
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute, type PrecacheEntry } from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'

declare const self: ServiceWorkerGlobalScope & { __PRECACHE: PrecacheEntry[] }

precacheAndRoute(self.__PRECACHE)
// The page that installs it gets the rest of its screens from here at once, network or not.
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))
cleanupOutdatedCaches()
registerRoute(new NavigationRoute(createHandlerBoundToURL('/field/index.html')))
