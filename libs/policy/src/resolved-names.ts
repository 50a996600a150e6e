/**
 * The addresses of host names, where a policy or an alias needs addresses: a CNAME cannot stand at an apex or beside
 * other types. Filled by the controller, which resolves on a timer. Must not know resolvers or clocks.
 */

export interface ResolvedName {
  /** Texts as in A and AAAA records, sorted; empty: the name has none of that family. */
  readonly a: readonly string[];
  readonly aaaa: readonly string[];
  /** Of what was found, seconds. */
  readonly ttl: number;
}

/** `host` in canonical text. Undefined: never resolved yet. A failed look-up keeps what was found last. */
export type ResolvedNames = (host: string) => ResolvedName | undefined;

export const NOTHING_RESOLVED: ResolvedNames = () => undefined;
