/**
 * One look-up of a host: its A and AAAA records with their TTLs, from the resolvers of the settings or of the system.
 * The edge to `node:dns`; never rejects. What a finding means is not for this file to say.
 */
import { Resolver } from 'node:dns/promises';

import { canonicalIpv6 } from '@signpost/policy/address-answers';

import type { FamilyFinding, HostFinding } from './resolved-host.ts';

/** `host` in canonical text. */
export type LookUp = (host: string) => Promise<HostFinding>;

export interface LookUpOptions {
  /** `192.0.2.53` or `192.0.2.53:5353`; empty: those of the system. */
  readonly servers: readonly string[];
  readonly timeoutMs?: number;
  readonly tries?: number;
}

const TIMEOUT_MS = 2_000;
const TRIES = 2;

export function openLookUp({ servers, timeoutMs = TIMEOUT_MS, tries = TRIES }: LookUpOptions): LookUp {
  const resolver = new Resolver({ timeout: timeoutMs, tries });
  if (servers.length > 0) resolver.setServers([...servers]);
  return async (host) => {
    const [a, aaaa] = await Promise.all([
      finding(resolver.resolve4(host, { ttl: true })),
      finding(resolver.resolve6(host, { ttl: true })),
    ]);
    return { a, aaaa };
  };
}

async function finding(
  asked: Promise<readonly { readonly address: string; readonly ttl: number }[]>,
): Promise<FamilyFinding> {
  try {
    const records = await asked;
    if (records.length === 0) return { kind: 'none', reason: 'NODATA' };
    const addresses = records.map(({ address }) =>
      address.includes(':') ? canonicalIpv6(address) : address,
    );
    return { kind: 'found', addresses, ttl: Math.min(...records.map(({ ttl }) => ttl)) };
  } catch (error) {
    return unfound(error);
  }
}

function unfound(error: unknown): FamilyFinding {
  const { code = String(error) } = error as { code?: string };
  if (code === 'ENOTFOUND') return { kind: 'none', reason: 'NXDOMAIN' };
  if (code === 'ENODATA') return { kind: 'none', reason: 'NODATA' };
  return { kind: 'failed', reason: REASONS[code] ?? code };
}

const REASONS: Readonly<Record<string, string>> = {
  ESERVFAIL: 'the resolver answered SERVFAIL',
  EREFUSED: 'the resolver refused',
  ETIMEOUT: 'no resolver answered in time',
  ECONNREFUSED: 'no resolver is reached',
  EBADRESP: 'the resolver sent what is no answer',
  EBADNAME: 'it is no name of a host',
};
