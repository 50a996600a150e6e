/**
 * Opens the connection that a probe asks for: resolve, connect, and where it asks for TLS the handshake with the
 * certificate checked against the probe's terms. Nothing of ours is sent before that check has passed.
 */
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';

import type { Check } from '@signpost/contracts/probe-assignment';

import type { Attempt } from './attempt.ts';
import { checkCertificate } from './check-certificate.ts';
import type { CertificateSeen, ProbeFail, ProbeInconclusive, ProbePhases } from './probe-result.ts';
import { codeOf, isOurOwnTrouble, reasonOf, tlsReasonOf } from './reason.ts';
import type { ResolveAddress } from './resolve-address.ts';
import type { Secure } from './secure-terms.ts';

export type Opened =
  /** `startedMs` is when the first packet left: looking up the name is no part of the round trip. */
  | {
      readonly kind: 'open';
      readonly socket: Socket;
      readonly phases: ProbePhases;
      readonly startedMs: number;
      /** Of TLS alone: the protocol that the server chose, and its certificate. */
      readonly alpn?: string;
      readonly certificate?: CertificateSeen;
    }
  | ProbeFail
  | ProbeInconclusive;

export async function openConnection(
  check: Check,
  resolve: ResolveAddress,
  attempt: Attempt,
  secure?: Secure,
): Promise<Opened> {
  const beganMs = performance.now();
  const resolving = resolve(check.address, check.families);
  attempt.enter('resolving the name', resolving.isHeldUp);
  const resolved = await resolving.answer;
  if (resolved.kind !== 'address') return resolved;

  attempt.enter('connecting');
  const startedMs = performance.now();
  const place = { host: resolved.address, port: check.port, noDelay: true };
  const socket = secure === undefined ? connect(place) : startTls(place, secure);
  attempt.own(socket);
  const [connected, secured] = [happened(socket, 'connect'), happened(socket, 'secureConnect')];
  const refused = await connected;
  if (refused !== undefined) return trouble(refused, reasonOf(refused));
  const connectedMs = performance.now();
  const phases = { resolve: startedMs - beganMs, connect: connectedMs - startedMs };
  if (secure === undefined) return { kind: 'open', socket, phases, startedMs };

  attempt.enter('agreeing on TLS');
  const broken = await secured;
  if (broken !== undefined) return trouble(broken, tlsReasonOf(broken));
  return judgeHandshake(socket as TLSSocket, secure, {
    kind: 'open',
    socket,
    phases: { ...phases, tls: performance.now() - connectedMs },
    startedMs,
  });
}

function judgeHandshake(
  socket: TLSSocket,
  secure: Secure,
  opened: Extract<Opened, { readonly kind: 'open' }>,
): Opened {
  const { unfit, seen } = checkCertificate(socket, secure, Date.now());
  const certificate = seen === undefined ? {} : { certificate: seen };
  if (unfit !== undefined) return { kind: 'fail', reason: unfit, ...certificate };
  const alpn = socket.alpnProtocol;
  return { ...opened, ...(typeof alpn === 'string' ? { alpn } : {}), ...certificate };
}

/**
 * One socket from the start: TLS put over a connected socket crashes Node 24 when it is destroyed
 * while octets wait to be read.
 */
function startTls(place: { host: string; port: number }, { name, secureContext, alpn }: Secure): TLSSocket {
  return connectTls({
    ...place,
    secureContext,
    // SNI carries names only (RFC 6066 section 3); empty means none.
    servername: isIP(name) === 0 ? name : '',
    ...(alpn.length === 0 ? {} : { ALPNProtocols: [...alpn] }),
    // Verified all the same, by checkCertificate, before anything is written: a handshake refused here would
    // hide the certificate that the reason has to speak of.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  });
}

/** Resolves with undefined when the event came, with the error when that or the end came first. */
function happened(socket: Socket, event: 'connect' | 'secureConnect'): Promise<unknown> {
  return new Promise((resolve) => {
    socket.once(event, () => resolve(undefined));
    socket.on('error', resolve);
    socket.once('close', () =>
      resolve(Object.assign(new Error('connection closed'), { code: 'ECONNRESET' })),
    );
  });
}

function trouble(error: unknown, reason: string): ProbeFail | ProbeInconclusive {
  return isOurOwnTrouble(error)
    ? { kind: 'inconclusive', reason: `prober is short of resources (${codeOf(error)})` }
    : { kind: 'fail', reason };
}
