/**
 * One client of GET /api/v1/events: Server-Sent Events (WHATWG HTML, section 9.2) until either side ends it.
 * What waits for a client is bounded: one that does not keep up is cut off, and comes back by itself.
 */
import type { ServerResponse } from 'node:http';

import type { EventFeed, FedEvent } from './event-feed.ts';

/** Octets that may wait for a client. */
export const MAX_WAITING_OCTETS = 4 * 1024 * 1024;
/** Streams at a time: more than a team watches with, and bounded memory for those that do not keep up. */
export const MAX_STREAMS = 100;
export const HEARTBEAT_EVERY_MS = 15_000;
const RETRY_MS = 1_000;

export interface EventClient {
  readonly response: ServerResponse;
  readonly feed: EventFeed;
  /** Ends the stream. */
  readonly signal: AbortSignal;
}

/** Resolves when the stream has ended. */
export async function streamEvents({ response, feed, signal }: EventClient): Promise<void> {
  const ended = Promise.withResolvers<void>();
  const write = (text: string) => {
    if (response.writableEnded || response.destroyed) return;
    response.write(text);
    if (response.writableLength > MAX_WAITING_OCTETS) response.destroy();
  };
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    // Proxies that buffer would hold events back.
    'x-accel-buffering': 'no',
  });
  response.once('close', () => ended.resolve());
  const end = () => response.end(() => ended.resolve());
  signal.addEventListener('abort', end, { once: true });
  using _listening = feed.listen((event) => write(formatEvent(event)));
  const heartbeat = setInterval(() => write(': still here\n\n'), HEARTBEAT_EVERY_MS);
  write(`retry: ${RETRY_MS}\n\n`);
  if (signal.aborted) end();
  try {
    await ended.promise;
  } finally {
    clearInterval(heartbeat);
    signal.removeEventListener('abort', end);
  }
}

function formatEvent({ id, type, json }: FedEvent): string {
  return `event: ${type}\nid: ${oneLine(id)}\ndata: ${json}\n\n`;
}

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n\0]/g, ' ');
}
