/**
 * H3, http and https: connects to the check's address, asks as the probe's host, and judges status and headers.
 * Redirects are never followed: a redirect may be the wanted answer. The body is read for politeness, and little of it.
 */
import { request as sendRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

import type { Check, HttpProbe } from '@signpost/contracts/probe-assignment';

import type { Attempt } from './attempt.ts';
import { openConnection, type Secure } from './open-connection.ts';
import { anyOf, codeOf, quoted, reasonOf, shortReason } from './reason.ts';
import type { ProbeFail, ProbeResult } from './probe-result.ts';
import type { ProbeTools } from './probe-tools.ts';
import type { TrustedCertificates } from './trusted-certificates.ts';

/** A target that ends its body within these bounds sees a clean close; any other one is cut off. */
const MAX_BODY_OCTETS = 65_536;
const MAX_BODY_MS = 100;

export async function probeHttp(
  probe: HttpProbe,
  check: Check,
  tools: ProbeTools,
  attempt: Attempt,
): Promise<ProbeResult> {
  const secure = secureOf(probe, tools.trusted);
  if (secure?.kind === 'fail') return secure;
  const opened = await openConnection(check, tools.resolve, attempt, secure);
  if (opened.kind !== 'open') return opened;

  attempt.enter('waiting for headers');
  const sentMs = performance.now();
  const answer = await headersOf(probe, opened.socket, tools.userAgent);
  const nowMs = performance.now();
  if (answer.kind === 'fail') return answer;
  const wrong = judgeAnswer(probe, answer.response);
  const roundTripMs = nowMs - opened.startedMs;
  await takeBody(answer.response);
  return wrong === undefined
    ? { kind: 'pass', roundTripMs, phases: { ...opened.phases, headers: nowMs - sentMs } }
    : { kind: 'fail', reason: wrong, roundTripMs };
}

/** Undefined for plain http. */
function secureOf(
  { scheme, host, ca }: HttpProbe,
  trusted: TrustedCertificates,
): (Secure & { readonly kind: 'secure' }) | ProbeFail | undefined {
  if (scheme === 'http') return undefined;
  const context = trusted.contextFor(ca);
  if (context.kind === 'refused') return { kind: 'fail', reason: context.reason };
  return { kind: 'secure', name: hostOnly(host), secureContext: context.secureContext };
}

type Answer = { readonly kind: 'headers'; readonly response: IncomingMessage } | ProbeFail;

function headersOf(probe: HttpProbe, socket: Socket, userAgent: string): Promise<Answer> {
  return new Promise((resolve) => {
    const fail = (error: unknown) => resolve({ kind: 'fail', reason: answerReason(error) });
    const take = (response: IncomingMessage) => {
      response.on('error', () => {}); // the headers were judged; how the body ends does not matter
      resolve({ kind: 'headers', response });
    };
    try {
      const request = sendRequest({
        createConnection: () => socket,
        method: probe.method,
        path: probe.path,
        headers: headersToSend(probe, userAgent),
        setHost: false,
      });
      request.once('response', take);
      request.once('upgrade', take); // status 101 may be what is wanted
      request.on('error', fail);
      request.once('close', () =>
        fail(Object.assign(new Error('connection closed'), { code: 'ECONNRESET' })),
      );
      request.end();
    } catch (error) {
      // Only for paths and headers that HTTP cannot carry.
      resolve({
        kind: 'fail',
        reason: shortReason(`the monitor's request cannot be sent: ${reasonOf(error)}`),
      });
    }
  });
}

/** The monitor's own headers go before ours, except Host, which is `probe.host`'s business. */
function headersToSend(probe: HttpProbe, userAgent: string): Record<string, string> {
  const headers: Record<string, string> = { 'user-agent': userAgent, accept: '*/*' };
  for (const [name, value] of Object.entries(probe.headers)) headers[name.toLowerCase()] = value;
  return { ...headers, host: probe.host, connection: headers['connection'] ?? 'close' };
}

function answerReason(error: unknown): string {
  return codeOf(error) === 'ECONNRESET' ? 'connection closed before the headers came' : reasonOf(error);
}

/** Undefined when the answer is as wanted. */
function judgeAnswer(probe: HttpProbe, response: IncomingMessage): string | undefined {
  const { status, header } = probe.expect;
  const got = response.statusCode ?? 0;
  if (!status.includes(got)) return shortReason(`status ${got}, wanted ${anyOf(status)}`);
  for (const [name, wanted] of Object.entries(header)) {
    const value = response.headers[name.toLowerCase()];
    const text = Array.isArray(value) ? value.join(', ') : value;
    if (text === undefined) return shortReason(`header ${name} is missing, wanted ${quoted(wanted)}`);
    if (text !== wanted) return shortReason(`header ${name} is ${quoted(text)}, wanted ${quoted(wanted)}`);
  }
  return undefined;
}

/** Reads and forgets the body up to the bounds; the attempt then destroys the socket. */
function takeBody(response: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    const enough = setTimeout(resolve, MAX_BODY_MS);
    const done = () => {
      clearTimeout(enough);
      resolve();
    };
    let octets = 0;
    response.on('data', (part: Buffer) => {
      octets += part.length;
      if (octets > MAX_BODY_OCTETS) done();
    });
    response.once('end', done);
    response.once('close', done);
  });
}

/** `host:8443` -> `host`, `[::1]:8443` -> `::1`: a port belongs into the Host header, not into a certificate. */
function hostOnly(host: string): string {
  const bracketed = /^\[([^\]]+)\]/.exec(host);
  if (bracketed !== null) return bracketed[1]!;
  return host.split(':').length === 2 ? host.slice(0, host.indexOf(':')) : host;
}
