/**
 * (what is known of a host, what a look-up found) -> what is known now, and when to look again. Pure.
 *
 *   found    its addresses, from now on
 *   none     NXDOMAIN or NODATA: believed when it is found twice in a row, until then what is known stays
 *   failed   nothing is learned, what is known stays
 */
import type { ResolvedName } from '@signpost/policy/resolved-names';

/** Of one family. */
export type FamilyFinding =
  | { readonly kind: 'found'; readonly addresses: readonly string[]; readonly ttl: number }
  | { readonly kind: 'none'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

export interface HostFinding {
  readonly a: FamilyFinding;
  readonly aaaa: FamilyFinding;
}

export interface ResolvedHost {
  /** Undefined: it was never found out. */
  readonly name: ResolvedName | undefined;
  /** Look-ups in a row that found none of a family that it had. */
  readonly missing: { readonly a: number; readonly aaaa: number };
  /** TTLs of the last findings, newest first. */
  readonly ttls: readonly number[];
  /** Failed look-ups in a row, and why the last one failed; undefined: it did not. */
  readonly failures: number;
  readonly failing: string | undefined;
  /** Monotonic. */
  readonly dueMs: number;
}

export const SOONEST_MS = 5_000;
export const LATEST_MS = 300_000;
/** Where a host has no address there is no TTL to go by. */
const NONE_AGAIN_MS = 30_000;
const CONFIRMED = 2;
/** A cache tells what is left of a TTL: the longest of so many is what the host's own servers say. */
const REMEMBERED_TTLS = 4;

/** `published`: what is answered, until something is known. */
export function unresolved(published: ResolvedName | undefined, nowMs: number): ResolvedHost {
  return {
    name: published,
    missing: { a: 0, aaaa: 0 },
    ttls: [],
    failures: 0,
    failing: undefined,
    dueMs: nowMs,
  };
}

export function afterLookUp(known: ResolvedHost, { a, aaaa }: HostFinding, nowMs: number): ResolvedHost {
  const own = { a: familyAfter('a', known, a), aaaa: familyAfter('aaaa', known, aaaa) };
  const failed = [a, aaaa].find((finding) => finding.kind === 'failed');
  const found = [a, aaaa].flatMap((finding) => (finding.kind === 'found' ? [finding.ttl] : []));
  const ttls =
    found.length === 0 ? known.ttls : [Math.min(...found), ...known.ttls].slice(0, REMEMBERED_TTLS);
  const learned = a.kind !== 'failed' || aaaa.kind !== 'failed';
  const ttl = ttls.length === 0 ? (known.name?.ttl ?? 0) : Math.max(...ttls);
  const name = { a: own.a.addresses, aaaa: own.aaaa.addresses, ttl };
  const failures = failed === undefined ? 0 : known.failures + 1;
  const isDoubted = own.a.missing === 1 || own.aaaa.missing === 1;
  return {
    name: learned || known.name !== undefined ? name : undefined,
    missing: { a: own.a.missing, aaaa: own.aaaa.missing },
    ttls,
    failures,
    failing: failed?.reason,
    dueMs: nowMs + waitMs(failures, isDoubted, found),
  };
}

export function sameName(a: ResolvedName | undefined, b: ResolvedName | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.ttl === b.ttl && a.a.join() === b.a.join() && a.aaaa.join() === b.aaaa.join();
}

function familyAfter(
  family: 'a' | 'aaaa',
  { name, missing }: ResolvedHost,
  finding: FamilyFinding,
): { readonly addresses: readonly string[]; readonly missing: number } {
  const addresses = name?.[family] ?? [];
  switch (finding.kind) {
    case 'found':
      return { addresses: [...new Set(finding.addresses)].toSorted(), missing: 0 };
    case 'failed':
      return { addresses, missing: missing[family] };
    case 'none': {
      if (addresses.length === 0) return { addresses, missing: 0 };
      const now = missing[family] + 1;
      return now >= CONFIRMED ? { addresses: [], missing: 0 } : { addresses, missing: now };
    }
    default:
      throw new TypeError(`unhandled finding ${JSON.stringify(finding satisfies never)}`);
  }
}

function waitMs(failures: number, isDoubted: boolean, found: readonly number[]): number {
  if (isDoubted) return SOONEST_MS;
  if (failures > 0) return Math.min(NONE_AGAIN_MS, SOONEST_MS * 2 ** Math.min(failures - 1, 10));
  if (found.length === 0) return NONE_AGAIN_MS;
  return Math.min(LATEST_MS, Math.max(SOONEST_MS, Math.min(...found) * 1_000));
}
