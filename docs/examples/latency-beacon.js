/**
 * Measures how long this browser takes to reach each target, and tells Signpost when the page goes away:
 *
 *   <script src="/latency-beacon.js" type="module"></script>
 *   import { measureLatency } from '/latency-beacon.js';
 *   measureLatency({
 *     beacon: 'https://signpost.example.com/beacon',
 *     targets: { 'eu-a': 'https://eu-a.example.com/ping', 'us-a': 'https://us-a.example.com/ping' },
 *   });
 *
 * A ping is any small answer that is never cached. With `Timing-Allow-Origin: *` on it the browser tells the round trip
 * alone; without it the whole request on a connection that is open already is taken, which is a little more.
 */

/** `share`: of page views that measure at all, 0 to 1. Resolves with what was measured; never rejects. */
export async function measureLatency({ beacon, targets, share = 1, tries = 3 }) {
  if (Math.random() >= share) return {};
  const measured = {};
  for (const [target, url] of Object.entries(targets)) {
    const ms = await roundTrip(url, tries);
    if (ms !== undefined) measured[target] = ms;
  }
  if (Object.keys(measured).length > 0) send(beacon, JSON.stringify(measured));
  return measured;
}

/** The shortest of some tries; the first one only opens the connection. Undefined: it cannot be reached. */
async function roundTrip(url, tries) {
  let shortest;
  for (let i = 0; i <= tries; i += 1) {
    const ms = await request(`${url}${url.includes('?') ? '&' : '?'}signpost=${Date.now()}-${i}`);
    if (ms === undefined) return undefined;
    if (i > 0 && (shortest === undefined || ms < shortest)) shortest = ms;
  }
  return shortest === undefined || shortest <= 0 ? undefined : Math.round(shortest * 10) / 10;
}

async function request(url) {
  const began = performance.now();
  try {
    await fetch(url, {
      mode: 'no-cors',
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(5_000),
    });
  } catch {
    return undefined;
  }
  const took = performance.now() - began;
  const timing = await timingOf(new URL(url, globalThis.location?.href).href);
  // Both are 0 unless the target sends Timing-Allow-Origin.
  return timing?.requestStart > 0 ? timing.responseStart - timing.requestStart : took;
}

/** The browser notes it when the answer has ended, a moment after it began. */
async function timingOf(url) {
  for (let i = 0; i < 5; i += 1) {
    const [timing] = performance.getEntriesByName(url, 'resource');
    if (timing !== undefined) return timing;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return undefined;
}

/** As text, which needs no leave of the other site to be sent; it goes out even while the page is left. */
function send(beacon, text) {
  if (globalThis.navigator?.sendBeacon?.(beacon, text)) return;
  fetch(beacon, { method: 'POST', body: text, keepalive: true, mode: 'no-cors' }).catch(() => {});
}
