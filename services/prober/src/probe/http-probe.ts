/**
 * H3, http and https: connects to the check's address, asks as the probe's host, and judges status, headers and the
 * beginning of the body. Redirects are followed only where the monitor says so: one may be the wanted answer. A body
 * that nothing is expected of is read for politeness, and little of it.
 */
import type { Readable } from 'node:stream';

import { MAX_ANSWER_OCTETS } from '@signpost/contracts/monitor-kinds';
import type { Check, HttpProbe } from '@signpost/contracts/probe-assignment';

import { askHttp1 } from './ask-http1.ts';
import { askHttp2 } from './ask-http2.ts';
import type { Attempt } from './attempt.ts';
import { findText } from './find-text.ts';
import { followRedirect, type Visit } from './follow-redirect.ts';
import type { HttpAnswer, HttpRequest } from './http-exchange.ts';
import { isWanted, judgeHead } from './judge-http.ts';
import { openConnection, type Opened } from './open-connection.ts';
import type { ProbeResult, ProbeUnable } from './probe-result.ts';
import type { ProbeTools } from './probe-tools.ts';
import { secureTerms, type Secure } from './secure-terms.ts';

/** How long a body is read that nothing is expected of. */
const MAX_BODY_MS = 100;
/** What is offered by ALPN (RFC 7301). */
const OFFERED = { http1: ['http/1.1'], http2: ['h2'], any: ['h2', 'http/1.1'] } as const;

export async function probeHttp(
  probe: HttpProbe,
  check: Check,
  tools: ProbeTools,
  attempt: Attempt,
): Promise<ProbeResult> {
  let visit: Visit = firstVisit(probe, check);
  let beganMs: number | undefined;
  for (let redirects = probe.redirects ?? 0; ; redirects -= 1) {
    const visited = await makeVisit(visit, probe, check, tools, attempt);
    if (visited.kind !== 'visited') return visited;
    const { opened, answer } = visited;
    beganMs ??= opened.startedMs;
    const next =
      redirects > 0 && !isWanted(probe.expect.status, answer.status)
        ? followRedirect(visit, answer.status, answer.header('location'))
        : undefined;
    if (next === undefined) return judge(probe, visited, beganMs, attempt);
    if ('kind' in next) return next;
    visit = next;
  }
}

function firstVisit({ scheme, host, path, method, body }: HttpProbe, { port }: Check): Visit {
  return { scheme, host, port, path, method, body };
}

interface Visited {
  readonly kind: 'visited';
  readonly opened: Extract<Opened, { readonly kind: 'open' }>;
  readonly answer: Extract<HttpAnswer, { readonly kind: 'answer' }>;
  /** When the request was sent and when the headers came. */
  readonly sentMs: number;
  readonly headersMs: number;
}

/** One connection, one request, up to the headers. */
async function makeVisit(
  visit: Visit,
  probe: HttpProbe,
  check: Check,
  tools: ProbeTools,
  attempt: Attempt,
): Promise<Visited | Exclude<ProbeResult, { readonly kind: 'pass' }>> {
  const secure = secureOf(visit, probe, tools);
  if (secure?.kind === 'unable') return secure;
  const place = visit.port === check.port ? check : { ...check, port: visit.port };
  const opened = await openConnection(place, tools.resolve, attempt, secure);
  if (opened.kind !== 'open') return opened;

  attempt.enter('waiting for headers');
  const sentMs = performance.now();
  const answer = await ask(visit, probe, opened, tools.userAgent, attempt);
  return answer.kind !== 'answer'
    ? withCertificate(answer, opened)
    : { kind: 'visited', opened, answer, sentMs, headersMs: performance.now() };
}

/** Undefined for plain http. */
function secureOf(
  { scheme, host }: Visit,
  probe: HttpProbe,
  tools: ProbeTools,
): Secure | ProbeUnable | undefined {
  if (scheme === 'http') return undefined;
  return secureTerms(probe.tls ?? {}, host, OFFERED[probe.protocol ?? 'http1'], tools.trusted);
}

function ask(
  visit: Visit,
  probe: HttpProbe,
  { socket, alpn }: Visited['opened'],
  userAgent: string,
  attempt: Attempt,
): Promise<HttpAnswer> {
  const { protocol = 'http1' } = probe;
  const headers = headersToSend(probe, userAgent);
  const request: HttpRequest = { ...visit, headers };
  if (protocol === 'http1' || (protocol === 'any' && alpn !== 'h2')) return askHttp1(request, socket);
  if (visit.scheme === 'https' && alpn !== 'h2') {
    return Promise.resolve({ kind: 'fail', reason: 'server does not agree to HTTP/2 (no ALPN h2)' });
  }
  return askHttp2(visit.scheme, request, socket, attempt);
}

/** The monitor's own headers go before ours, except Host, which is `probe.host`'s business. */
function headersToSend(probe: HttpProbe, userAgent: string): Record<string, string> {
  const headers: Record<string, string> = { 'user-agent': userAgent, accept: '*/*' };
  for (const name in probe.headers) headers[name.toLowerCase()] = probe.headers[name]!;
  return headers;
}

async function judge(
  { expect }: HttpProbe,
  { opened, answer, sentMs, headersMs }: Visited,
  beganMs: number,
  attempt: Attempt,
): Promise<ProbeResult> {
  const roundTripMs = headersMs - beganMs;
  const wrong = judgeHead(expect, answer.status, answer.header);
  if (wrong === undefined && expect.contains !== undefined) attempt.enter('waiting for the body');
  const missing =
    wrong === undefined && expect.contains !== undefined
      ? await findText(answer.body, expect.contains, 'body')
      : await takeBody(answer.body);
  const reason = wrong ?? missing;
  if (reason !== undefined) return withCertificate({ kind: 'fail', reason, roundTripMs }, opened);
  const answered = { answer: headersMs - sentMs, body: performance.now() - headersMs };
  return withCertificate({ kind: 'pass', roundTripMs, phases: { ...opened.phases, ...answered } }, opened);
}

function withCertificate<Result extends ProbeResult>(
  result: Result,
  { certificate }: Visited['opened'],
): Result {
  return certificate === undefined ? result : { ...result, certificate };
}

/** Reads and forgets the body up to the bounds; the attempt then destroys the socket. */
function takeBody(body: Readable): Promise<undefined> {
  return new Promise((resolve) => {
    const enough = setTimeout(resolve, MAX_BODY_MS, undefined);
    const done = () => {
      clearTimeout(enough);
      resolve(undefined);
    };
    let octets = 0;
    body.on('data', (part: Buffer) => {
      octets += part.length;
      if (octets > MAX_ANSWER_OCTETS) done();
    });
    body.once('end', done);
    body.once('close', done);
  });
}
