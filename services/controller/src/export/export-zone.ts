/** The zone file of one zone: as it is answered now, or as a configuration alone has it. Pure. */
import type { Configuration } from '@signpost/contracts/configuration';
import { recordSetField } from '@signpost/contracts/keys';
import { formatName, parseName } from '@signpost/dns/name-text';
import { type HealthView, NOT_MONITORED } from '@signpost/policy/health-view';

import { type CompiledZone, compileZones, type CompileView } from '../compile/compile-zone.ts';
import { nextSerial } from '../compile/diff-zone.ts';
import type { ZonePlan } from '../topology/plan-zone.ts';
import { buildTopology, type Topology } from '../topology/topology.ts';
import { zoneFile } from './zone-file.ts';

export interface ExportOptions {
  readonly health: HealthView;
  /** What record sets depend on besides. */
  readonly view: CompileView;
  /** Of what was published last; undefined before the first time. */
  readonly serial: number | undefined;
  readonly wallMs: number;
}

/** Undefined when there is no such zone; `zone` with or without its final dot, throws NameError when it is no name. */
export function exportZone(topology: Topology, zone: string, options: ExportOptions): string | undefined {
  const apex = formatName(parseName(zone));
  const plan = topology.zones.get(apex);
  if (plan === undefined) return undefined;
  const { health, view } = options;
  const compiled = compileZones({ ...topology, zones: new Map([[apex, plan]]) }, health, view).get(apex)!;
  return (
    unresolved(plan, compiled) + zoneFile(apex, compiled, options.serial ?? nextSerial(0, options.wallMs))
  );
}

/** Comments for aliases of hosts elsewhere that nobody has looked up here. */
function unresolved({ hosts }: ZonePlan, { recordSets }: CompiledZone): string {
  return hosts
    .filter(({ owner }) => ['A', 'AAAA'].every((type) => !recordSets.has(recordSetField(owner, type))))
    .map(({ owner, host }) => `; ${owner} A AAAA: alias of ${host}, no address known\n`)
    .join('');
}

/** Of a configuration that runs nowhere: every target counts as up. */
export function exportConfiguredZone(
  configuration: Configuration,
  zone: string,
  wallMs: number,
): string | undefined {
  const health = () => NOT_MONITORED;
  return exportZone(buildTopology(configuration), zone, {
    health,
    view: {},
    serial: undefined,
    wallMs,
  });
}
