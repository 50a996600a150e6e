/** All that a reader gives, by apex, as the writer's `readAll` has it. */
import type { RecordReader, StoredZone } from '@signpost/contracts/record-store';

export async function readAllZones(reader: RecordReader): Promise<Map<string, StoredZone>> {
  const zones = new Map<string, StoredZone>();
  for await (const { apex, facts, recordSets } of reader.readZones()) {
    zones.set(apex, { facts, recordSets: new Map(recordSets) });
  }
  return zones;
}
