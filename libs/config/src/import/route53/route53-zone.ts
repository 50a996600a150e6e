/** What importing the records of one zone needs. */
import type { NounDraft } from '../noun-draft.ts';
import type { Remarks } from '../remark.ts';
import type { ZoneDraft } from '../zone-draft.ts';
import type { HealthChecks } from './health-checks.ts';
import type { Listings } from './read-listings.ts';
import type { Leaf } from './pool-of-leaves.ts';
import type { RecordGroup } from './record-groups.ts';

export interface Route53Zone {
  readonly draft: ZoneDraft;
  readonly nouns: NounDraft;
  readonly remarks: Remarks;
  readonly health: HealthChecks;
  /** By `owner|TYPE`. */
  readonly groups: ReadonlyMap<string, RecordGroup>;
  /** Where addresses and hosts are, by their text. */
  readonly places: ReadonlyMap<string, Pick<Leaf, 'at' | 'site'>>;
  readonly blocks: Listings['blocks'];
}
