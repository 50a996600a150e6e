/**
 * Which certificate authorities a probe trusts: Node's, the system's, and the probe's own. Building a context
 * parses some hundred certificates, so each distinct set is built once and kept.
 */
import { X509Certificate } from 'node:crypto';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';

import { reasonOf } from './reason.ts';

export type Context =
  | { readonly kind: 'context'; readonly secureContext: SecureContext }
  | { readonly kind: 'refused'; readonly reason: string };

export interface TrustedCertificates {
  /** `ca`: PEM certificates trusted besides the others. */
  contextFor(ca: string | undefined): Context;
}

/** More distinct private authorities than this are rebuilt when they come round again. */
const MAX_CONTEXTS = 64;

export function trustedCertificates(): TrustedCertificates {
  let everybody: readonly string[] | undefined;
  const contexts = new Map<string, Context>();
  return {
    contextFor: (ca = '') => {
      const known = contexts.get(ca);
      if (known !== undefined) return known;
      // Read at the first https probe: a prober of plain targets need not wait for it.
      everybody ??= [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
      const context = build(everybody, ca);
      if (contexts.size >= MAX_CONTEXTS) contexts.delete(contexts.keys().next().value!);
      contexts.set(ca, context);
      return context;
    },
  };
}

function build(everybody: readonly string[], ca: string): Context {
  try {
    checkPem(ca);
    return {
      kind: 'context',
      secureContext: createSecureContext({ ca: ca === '' ? [...everybody] : [...everybody, ca] }),
    };
  } catch (error) {
    return { kind: 'refused', reason: `the monitor's CA certificates are not valid: ${reasonOf(error)}` };
  }
}

/** Node passes over certificates that it cannot read; a typing mistake must not end as "not trusted". */
function checkPem(ca: string): void {
  if (ca.trim() === '') return;
  const blocks = ca.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g);
  if (blocks === null) throw new Error('there is no PEM block "CERTIFICATE"');
  for (const block of blocks) void new X509Certificate(block);
}
