/**
 * Where a redirect leads, if it stays at the target: the same host at the same address, perhaps another port or
 * scheme. One that leaves says nothing about the target any more, and so fails. Pure.
 */
import type { ProbeFail } from './probe-result.ts';
import { quoted } from './reason.ts';

/** What is asked where, of one visit. */
export interface Visit {
  readonly scheme: 'http' | 'https';
  /** With its port where the Host header has one. */
  readonly host: string;
  /** Where we connect to. */
  readonly port: number;
  readonly path: string;
  readonly method: string;
  readonly body?: string | undefined;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Undefined when the answer is no redirect. */
export function followRedirect(
  visit: Visit,
  status: number,
  location: string | undefined,
): Visit | ProbeFail | undefined {
  if (!REDIRECTS.has(status) || location === undefined) return undefined;
  const from = URL.parse(`${visit.scheme}://${visit.host}`);
  const to = from === null ? null : URL.parse(location, `${from.origin}${visit.path}`);
  if (from === null || to === null || (to.protocol !== 'http:' && to.protocol !== 'https:')) {
    return { kind: 'fail', reason: `redirect to ${quoted(location)}, which is no place to go to` };
  }
  if (to.hostname !== from.hostname) {
    return { kind: 'fail', reason: `redirect to ${quoted(to.origin)}, which leaves the target` };
  }
  const scheme = to.protocol === 'https:' ? 'https' : 'http';
  // As RFC 9110 section 15.4 has it: 307 and 308 repeat the request, the others ask for what is there.
  const repeats = status === 307 || status === 308 || visit.method === 'GET' || visit.method === 'HEAD';
  return {
    scheme,
    host: to.host,
    port: to.origin === from.origin ? visit.port : Number(to.port) || (scheme === 'https' ? 443 : 80),
    path: `${to.pathname}${to.search}`,
    method: repeats ? visit.method : 'GET',
    body: repeats ? visit.body : undefined,
  };
}
