/**
 * Opens the connection that a probe asks for: resolve, connect, and for https the TLS handshake with the
 * certificate checked against the probe's host. Nothing of ours is sent before that check has passed.
 */
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';

import type { Check } from '@signpost/contracts/probe-assignment';

import type { Attempt } from './attempt.ts';
import { checkCertificate } from './check-certificate.ts';
import { codeOf, isOurOwnTrouble, reasonOf, tlsReasonOf } from './reason.ts';
import type { ProbeFail, ProbeInconclusive, ProbePhases } from './probe-result.ts';
import type { ResolveAddress } from './resolve-address.ts';
import type { TrustedCertificates } from './trusted-certificates.ts';

export type Opened =
  | {
      readonly kind: 'open';
      readonly socket: Socket;
      readonly phases: ProbePhases;
      readonly startedMs: number;
    }
  | ProbeFail
  | ProbeInconclusive;

/** `startedMs` is when the first packet left: looking up the name is no part of the round trip. */
export async function openConnection(
  check: Check,
  resolve: ResolveAddress,
  attempt: Attempt,
): Promise<Opened> {
  const beganMs = performance.now();
  attempt.enter('resolving the name');
  const resolved = await resolve(check.address, check.families);
  if (resolved.kind === 'none') return { kind: 'fail', reason: resolved.reason };

  attempt.enter('connecting');
  const startedMs = performance.now();
  const socket = connect({ host: resolved.address, port: check.port, noDelay: true });
  attempt.own(socket);
  const error = await happened(socket, 'connect');
  if (error !== undefined) return trouble(error, reasonOf(error));
  const connectMs = performance.now() - startedMs;
  return { kind: 'open', socket, phases: { resolve: startedMs - beganMs, connect: connectMs }, startedMs };
}

/** TLS over a connection; `name` goes into SNI and must be in the certificate. */
export async function secureConnection(
  opened: Extract<Opened, { kind: 'open' }>,
  { name, ca }: { readonly name: string; readonly ca: string | undefined },
  trusted: TrustedCertificates,
  attempt: Attempt,
): Promise<Opened> {
  attempt.enter('agreeing on TLS');
  const beganMs = performance.now();
  const context = trusted.contextFor(ca);
  if (context.kind === 'refused') return { kind: 'fail', reason: context.reason };
  const socket = connectTls({
    socket: opened.socket,
    secureContext: context.secureContext,
    // SNI carries names only (RFC 6066 section 3).
    ...(isAddress(name) ? {} : { servername: name }),
    ALPNProtocols: ['http/1.1'],
    // Verified all the same, by checkCertificate below: a refused handshake would hide the certificate that
    // the reason has to speak of.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  });
  attempt.own(socket);
  const error = await happened(socket, 'secureConnect');
  if (error !== undefined) return trouble(error, tlsReasonOf(error));
  const refused = checkCertificate(socket, name);
  if (refused !== undefined) return { kind: 'fail', reason: refused };
  return { ...opened, socket, phases: { ...opened.phases, tls: performance.now() - beganMs } };
}

/** Resolves with undefined when the event came, with the error when that or the end came first. */
function happened(socket: Socket | TLSSocket, event: 'connect' | 'secureConnect'): Promise<unknown> {
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

function isAddress(name: string): boolean {
  return name.includes(':') || /^[\d.]+$/.test(name);
}
