/**
 * Whether the certificate of a finished handshake is the one wanted, and if not, why in words with the name or
 * the date that is wrong; and when it expires. The chain was checked by OpenSSL; the name is checked here (RFC 9525, by Node).
 */
import { checkServerIdentity, type PeerCertificate, type TLSSocket } from 'node:tls';

import type { CertificateSeen } from './probe-result.ts';
import { anyOf, inDays, quoted, shortReason } from './reason.ts';

/** The most names of a certificate that a reason shows. */
const SHOWN_NAMES = 3;

/** What is asked of a certificate; times in milliseconds. */
export interface CertificateTerms {
  readonly name: string;
  readonly verify: boolean;
  readonly warnBeforeMs: number;
  /** Undefined: fails when it has expired, if it is verified. */
  readonly failBeforeMs: number | undefined;
}

export interface CheckedCertificate {
  /** Undefined for a server that shows none. */
  readonly seen: CertificateSeen | undefined;
  /** Undefined when it is good, else the reason. */
  readonly unfit: string | undefined;
}

/** `nowMs`: wall clock. */
export function checkCertificate(
  socket: TLSSocket,
  terms: CertificateTerms,
  nowMs: number,
): CheckedCertificate {
  const certificate = socket.getPeerCertificate(true);
  const expiresMs = earliestExpiry(certificate);
  const unfit = unfitness(socket, certificate, terms) ?? tooLate(expiresMs, terms, nowMs);
  if (Number.isNaN(expiresMs)) return { seen: undefined, unfit };
  const near = expiresMs - nowMs < terms.warnBeforeMs || expiresMs <= nowMs;
  return { seen: { expiresMs, ...(near ? { warning: expiryText(expiresMs, nowMs) } : {}) }, unfit };
}

function unfitness(
  socket: TLSSocket,
  certificate: PeerCertificate,
  { name, verify }: CertificateTerms,
): string | undefined {
  if (!verify) return undefined;
  // Set by Node when OpenSSL did not accept the chain, whatever `rejectUnauthorized` says.
  const chain = socket.authorized ? undefined : String(socket.authorizationError);
  if (chain !== undefined) return shortReason(chainReason(chain, certificate));
  const wrong = checkServerIdentity(name, certificate);
  return wrong === undefined
    ? undefined
    : shortReason(`certificate is for ${namesOf(certificate)}, not ${name}`);
}

function tooLate(expiresMs: number, { failBeforeMs }: CertificateTerms, nowMs: number): string | undefined {
  if (failBeforeMs === undefined || !(expiresMs - nowMs < failBeforeMs)) return undefined;
  return `${expiryText(expiresMs, nowMs)}, less than ${inDays(failBeforeMs)} ahead`;
}

/** Says the same all day long, so that a report need not be sent again. */
function expiryText(expiresMs: number, nowMs: number): string {
  return `certificate ${expiresMs <= nowMs ? 'expired' : 'expires'} on ${dayOf(expiresMs)}`;
}

/** Of the leaf and the authorities between; a root is the prober's own and signs itself. NaN: no certificate. */
function earliestExpiry(leaf: PeerCertificate): number {
  let earliest = Date.parse(leaf.valid_to);
  for (const { valid_to: validTo } of chainOf(leaf).slice(1, -1)) {
    earliest = Math.min(earliest, Date.parse(validTo));
  }
  return earliest;
}

function chainOf(leaf: PeerCertificate): readonly PeerCertificate[] {
  const chain = new Set<PeerCertificate>();
  let at: LinkedCertificate | undefined = leaf;
  while (at !== undefined && !chain.has(at)) {
    chain.add(at);
    at = at.issuerCertificate;
  }
  return [...chain];
}

type LinkedCertificate = PeerCertificate & { readonly issuerCertificate?: PeerCertificate };

function chainReason(code: string, certificate: PeerCertificate): string {
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return `certificate expired on ${dateOf(expiredOf(certificate).valid_to)}`;
    case 'CERT_NOT_YET_VALID':
      return `certificate is valid only from ${dateOf(certificate.valid_from)}`;
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return `certificate is not trusted: issued by ${issuerOf(certificate)}`;
    default:
      return `certificate is not accepted (${code})`;
  }
}

/** The chain is only as good as its first expired member, which need not be the leaf. */
function expiredOf(leaf: PeerCertificate): PeerCertificate {
  return chainOf(leaf).find(({ valid_to: validTo }) => !(Date.parse(validTo) > Date.now())) ?? leaf;
}

function dateOf(text: string): string {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? text : dayOf(ms);
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function namesOf(certificate: PeerCertificate): string {
  const alternatives = (certificate.subjectaltname ?? '')
    .split(', ')
    .filter((entry) => /^(DNS|IP Address):/.test(entry))
    .map((entry) => entry.slice(entry.indexOf(':') + 1));
  if (alternatives.length === 0) return String(certificate.subject?.CN ?? 'no name');
  const rest = alternatives.length - SHOWN_NAMES;
  return rest > 0 ? `${alternatives.slice(0, SHOWN_NAMES).join(', ')} and ${rest} more` : anyOf(alternatives);
}

function issuerOf({ issuer }: PeerCertificate): string {
  const name = issuer?.CN ?? issuer?.O;
  return name === undefined ? 'nobody named' : quoted(String(name));
}
