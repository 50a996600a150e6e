/** In a worker: the octets that the main thread checked -> the table that selection asks. */
import { decodeLatencies } from '@signpost/contracts/stored-latencies';
import { NO_LATENCIES, type LatencyTable } from '@signpost/policy/latency-table';
import { StoredLatencyTable } from '@signpost/policy/stored-latency-table';

import type { SlotOf } from '../count/target-times.ts';

export function latencyTableOf(octets: Uint8Array | undefined, slotOf: SlotOf): LatencyTable {
  const decoded = octets === undefined ? undefined : decodeLatencies(octets);
  return decoded?.ok === true ? new StoredLatencyTable(decoded.value, slotOf) : NO_LATENCIES;
}
