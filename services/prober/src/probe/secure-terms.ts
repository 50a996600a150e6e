/**
 * What a probe asks of TLS, ready for the handshake: its terms with their defaults, and the authorities it trusts.
 */
import type { SecureContext } from 'node:tls';

import type { TlsTerms } from '@signpost/contracts/probe-assignment';

import type { CertificateTerms } from './check-certificate.ts';
import type { ProbeUnable } from './probe-result.ts';
import type { TrustedCertificates } from './trusted-certificates.ts';

/** TLS to a host: `name` goes into SNI and must be in the certificate. */
export interface Secure extends CertificateTerms {
  readonly kind: 'secure';
  readonly secureContext: SecureContext;
  /** Protocols to offer (RFC 7301); empty: the extension is not sent. */
  readonly alpn: readonly string[];
}

/** `name`: unless the terms have another; a port behind it is taken off. */
export function secureTerms(
  terms: TlsTerms,
  name: string,
  alpn: readonly string[],
  trusted: TrustedCertificates,
): Secure | ProbeUnable {
  const context = trusted.contextFor(terms.ca);
  if (context.kind === 'refused') return { kind: 'unable', reason: context.reason };
  return {
    kind: 'secure',
    name: hostOnly(terms.serverName ?? name),
    secureContext: context.secureContext,
    alpn,
    verify: terms.verify ?? true,
    warnBeforeMs: terms.warnBeforeMs ?? 0,
    failBeforeMs: terms.failBeforeMs,
  };
}

/** `host:8443` -> `host`, `[::1]:8443` -> `::1`: a port belongs into the Host header, not into a certificate. */
function hostOnly(host: string): string {
  const bracketed = /^\[([^\]]+)\]/.exec(host);
  if (bracketed !== null) return bracketed[1]!;
  return host.split(':').length === 2 ? host.slice(0, host.indexOf(':')) : host;
}
