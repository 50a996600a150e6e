/**
 * H3, grpc: asks grpc.health.v1.Health/Check for one service, over HTTP/2 with or without TLS; passes on SERVING.
 * One unary call is all there is to it, and so no gRPC library is needed.
 */
import type { IncomingHttpHeaders } from 'node:http2';
import { isIPv6 } from 'node:net';

import type { Check, ProbeOf } from '@signpost/contracts/probe-assignment';

import { http2Reason, startHttp2, type StartedHttp2 } from './ask-http2.ts';
import type { Attempt } from './attempt.ts';
import {
  decodeResponse,
  encodeRequest,
  HEALTH_CHECK_PATH,
  MAX_RESPONSE_OCTETS,
} from './grpc-health-message.ts';
import { isCutOff } from './find-text.ts';
import { openConnection } from './open-connection.ts';
import type { ProbeFail, ProbeResult, ProbeUnable } from './probe-result.ts';
import type { ProbeTools } from './probe-tools.ts';
import { quoted, shortReason } from './reason.ts';
import { secureTerms } from './secure-terms.ts';

export async function probeGrpc(
  probe: ProbeOf<'grpc'>,
  check: Check,
  tools: ProbeTools,
  attempt: Attempt,
): Promise<ProbeResult> {
  const { tls, service, host } = probe;
  const secure =
    tls === undefined ? undefined : secureTerms(tls, host ?? check.address, ['h2'], tools.trusted);
  if (secure?.kind === 'unable') return secure;
  const opened = await openConnection(check, tools.resolve, attempt, secure);
  if (opened.kind !== 'open') return opened;

  attempt.enter('waiting for the health service');
  const sentMs = performance.now();
  const request = {
    method: 'POST',
    path: HEALTH_CHECK_PATH,
    host: host ?? `${isIPv6(check.address) ? `[${check.address}]` : check.address}:${check.port}`,
    headers: { 'content-type': 'application/grpc', te: 'trailers', 'user-agent': tools.userAgent },
    body: encodeRequest(service),
  };
  const call = await callUnary(
    startHttp2(tls === undefined ? 'http' : 'https', request, opened.socket, attempt),
  );
  const seen = opened.certificate === undefined ? {} : { certificate: opened.certificate };
  if (call.kind !== 'answered') return { ...call, ...seen };
  const reason = judgeCall(call, service);
  const nowMs = performance.now();
  const roundTripMs = nowMs - opened.startedMs;
  return reason === undefined
    ? { kind: 'pass', roundTripMs, phases: { ...opened.phases, answer: nowMs - sentMs }, ...seen }
    : { kind: 'fail', reason: shortReason(reason), roundTripMs, ...seen };
}

interface Call {
  readonly kind: 'answered';
  /** The headers and, over them, the trailers: an answer without a message has all in its headers. */
  readonly fields: IncomingHttpHeaders;
  readonly message: Buffer;
}

function callUnary(started: StartedHttp2): Promise<Call | ProbeFail | ProbeUnable> {
  if (started.kind === 'unable') return Promise.resolve(started);
  const { session, stream } = started;
  return new Promise((resolve) => {
    const fail = (error?: unknown) =>
      resolve({ kind: 'fail', reason: http2Reason(error, 'the answer was whole') });
    let fields: IncomingHttpHeaders = {};
    const parts: Buffer[] = [];
    let octets = 0;
    stream.once('response', (headers) => void (fields = headers));
    stream.once('trailers', (trailers) => void (fields = { ...fields, ...trailers }));
    stream.on('data', (part: Buffer) => {
      octets += part.length;
      if (octets <= MAX_RESPONSE_OCTETS) parts.push(part);
      else resolve({ kind: 'fail', reason: 'answer is too long for one of a health service' });
    });
    stream.once('end', () => {
      if (isCutOff(stream)) fail();
      else resolve({ kind: 'answered', fields, message: Buffer.concat(parts) });
    });
    stream.on('error', fail);
    session.on('error', fail);
    stream.once('close', () => fail());
    session.once('close', () => fail());
  });
}

/** Undefined when the service is serving. */
function judgeCall({ fields, message }: Call, service: string): string | undefined {
  const status = fields[':status'] as unknown as number | undefined;
  const type = fields['content-type'] ?? '';
  if (status !== 200 || !type.startsWith('application/grpc')) {
    return `answer is not gRPC: status ${status}, content type ${quoted(type)}`;
  }
  const code = String(fields['grpc-status'] ?? 'none');
  const named = service === '' ? 'the server' : `service ${quoted(service)}`;
  if (code === '5') return `${named} is not known to the health service`;
  if (code === '12') return 'there is no health service (grpc.health.v1)';
  if (code !== '0') return `health service answers with grpc-status ${code} ${quoted(messageOf(fields))}`;
  const state = decodeResponse(message);
  if (state === undefined) return 'answer is not one of a health service';
  return state === 'SERVING' ? undefined : `${named} is ${state}, wanted SERVING`;
}

/** Percent-encoded, says gRPC; what is not is shown as it stands. */
function messageOf(fields: IncomingHttpHeaders): string {
  const text = String(fields['grpc-message'] ?? '');
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
