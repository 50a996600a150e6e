/** Which record of a configuration is simulated: a topology that holds it alone, and what else is asked of its zone. */
import { compileZones } from '@signpost/controller/compile/compile-zone';
import { findRecord } from '@signpost/controller/explain/find-record';
import type { SteeredRecord, ZonePlan } from '@signpost/controller/topology/plan-zone';
import type { Topology } from '@signpost/controller/topology/topology';
import { NOT_MONITORED } from '@signpost/policy/health-view';

export interface SteeredName {
  /** As it was asked for, canonical text. */
  readonly name: string;
  readonly zone: ZonePlan;
  /** Its owner is the wildcard if one leads to it. */
  readonly record: SteeredRecord;
  readonly type: SteeredRecord['types'][number];
}

/** `name` in canonical text; absent: the first that steers. A text says why there is none. */
export function steeredName(topology: Topology, name: string | undefined): SteeredName | string {
  const names = [...topology.zones.values()].flatMap(({ steered }) => steered.map(({ owner }) => owner));
  const asked = name ?? names[0];
  if (asked === undefined) return 'no record of the configuration steers';
  const found = findRecord(
    compileZones(topology, () => NOT_MONITORED),
    asked,
  );
  const zone = found.kind === 'found' ? topology.zones.get(found.zone) : undefined;
  const owner = found.kind === 'found' ? found.owner : undefined;
  const record = zone?.steered.find((each) => each.owner === owner);
  const type = record?.types[0];
  if (zone === undefined || record === undefined || type === undefined) {
    const shown = [...new Set(names)].slice(0, 12).join(', ');
    return `no record that steers stands at ${asked}; names that do: ${shown}`;
  }
  return { name: asked, zone, record, type };
}

/** The topology without all that has no part in the answers for the name. */
export function narrowedTo(topology: Topology, { zone, record }: SteeredName): Topology {
  const alone: ZonePlan = { ...zone, statics: new Map(), steered: [record] };
  return { ...topology, zones: new Map([[zone.apex, alone]]) };
}
