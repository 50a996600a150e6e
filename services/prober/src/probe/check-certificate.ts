/**
 * Whether the certificate of a finished handshake is the one wanted, and if not, why in words with the name or
 * the date that is wrong. The chain was checked by OpenSSL; the name is checked here (RFC 9525, by Node).
 */
import { checkServerIdentity, type PeerCertificate, type TLSSocket } from 'node:tls';

import { anyOf, quoted, shortReason } from './reason.ts';

/** The most names of a certificate that a reason shows. */
const SHOWN_NAMES = 3;

/** Undefined when it is good for `name`, else the reason. */
export function checkCertificate(socket: TLSSocket, name: string): string | undefined {
  const certificate = socket.getPeerCertificate(true);
  // Set by Node when OpenSSL did not accept the chain, whatever `rejectUnauthorized` says.
  const chain = socket.authorized ? undefined : String(socket.authorizationError);
  if (chain !== undefined) return shortReason(chainReason(chain, certificate));
  const wrong = checkServerIdentity(name, certificate);
  return wrong === undefined
    ? undefined
    : shortReason(`certificate is for ${namesOf(certificate)}, not ${name}`);
}

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
function expiredOf(certificate: PeerCertificate): PeerCertificate {
  let at = certificate as PeerCertificate & { issuerCertificate?: PeerCertificate };
  const seen = new Set<PeerCertificate>();
  while (Date.parse(at.valid_to) > Date.now() && at.issuerCertificate !== undefined && !seen.has(at)) {
    seen.add(at);
    at = at.issuerCertificate;
  }
  return at;
}

function dateOf(text: string): string {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? text : new Date(ms).toISOString().slice(0, 10);
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
