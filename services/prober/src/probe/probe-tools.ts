/**
 * What all probes of a process share. Made once, since certificates are slow to read and look-ups are joined.
 */
import { systemResolver, type ResolveAddress } from './resolve-address.ts';
import { trustedCertificates, type TrustedCertificates } from './trusted-certificates.ts';

export interface ProbeTools {
  readonly resolve: ResolveAddress;
  readonly trusted: TrustedCertificates;
  readonly userAgent: string;
  /** The program of icmp probes: a path, or a name on the PATH. */
  readonly ping: string;
}

export function probeTools(version: string): ProbeTools {
  return {
    resolve: systemResolver(),
    trusted: trustedCertificates(),
    userAgent: `signpost-prober/${version}`,
    ping: 'ping',
  };
}
