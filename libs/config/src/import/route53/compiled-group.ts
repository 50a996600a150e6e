/** What the records of one name and type become, and how those that lead to others get at them. */
import type { RecordSetListing } from './listing-shapes.ts';
import type { Leaf } from './pool-of-leaves.ts';
import type { Placed } from './read-listings.ts';
import type { RecordGroup, RecordType } from './record-groups.ts';
import type { Route53Zone } from './route53-zone.ts';

export type CompiledGroup =
  | {
      readonly kind: 'values';
      readonly ttl: number | undefined;
      /** RDATA texts. */
      readonly values: ReadonlyMap<RecordType, readonly string[]>;
    }
  | { readonly kind: 'host'; readonly host: string }
  | CompiledPolicy;

export interface CompiledPolicy {
  readonly kind: 'policy';
  readonly policy: string;
  /** The lowest of all it leads to. */
  readonly ttl: number;
  /** All it leads to, weighted so that one pool of them comes nearest to it. */
  readonly leaves: readonly Leaf[];
  /** Whether one pool of the leaves does the same. */
  readonly isPool: boolean;
  /** Values that an answer has at most. */
  readonly select: number;
}

/** What Route 53 gives an alias of a resource of AWS. */
export const RESOURCE_TTL = 60;

export interface Compiler {
  readonly zone: Route53Zone;
  /** Undefined: nothing of it can be imported, which was remarked. */
  compile(group: RecordGroup): CompiledGroup | undefined;
  /** The group that a host of the zone is, for a type; undefined: there is none. */
  groupAt(host: string, type: RecordType): RecordGroup | undefined;
  /** RDATA of a record's own values; those that are none are remarked. */
  valuesOf(set: Placed<RecordSetListing>): readonly string[];
}
