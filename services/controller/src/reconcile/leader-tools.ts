/** What a leader acts with. Types only. */
import type { Bucket, Stream } from '@signpost/contracts/messaging';
import type { RecordWriter } from '@signpost/contracts/record-store';

import type { AffinityNames } from '../affinity/affinity-names.ts';
import type { ControllerObserver } from '../observe-controller.ts';

export interface LeaderTools {
  readonly writer: RecordWriter;
  readonly health: Stream;
  readonly events: Stream;
  readonly verdicts: Bucket;
  readonly overrides: Bucket;
  readonly guards: Bucket;
  readonly probes: Bucket;
  readonly config: Bucket;
  /** CloudEvents source. */
  readonly source: string;
  /** Uniform in [0, 1): spreads retries. */
  readonly draw: () => number;
  readonly observer: ControllerObserver;
  /** Absent: there is no secret. */
  readonly affinity?: AffinityNames | undefined;
}
