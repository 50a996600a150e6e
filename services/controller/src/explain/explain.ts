/**
 * Why a client gets its answer, from the controller's present state and by the same functions that compile and
 * select. Pure; must not decide anything of its own.
 */
import type { Explanation } from '@signpost/contracts/explanation';
import { type ClientSystem, NOWHERE, type Place, UNKNOWN_SYSTEM } from '@signpost/contracts/place';
import type { RecordSet } from '@signpost/contracts/record-set';
import { explainPolicy, type Measured } from '@signpost/policy/explain-policy';
import type { ClientView } from '@signpost/policy/match-client';

import type { AffinityNames } from '../affinity/affinity-names.ts';
import { compileZones, policyInput, recordsThatSteer, type CompileView } from '../compile/compile-zone.ts';
import { regionalHealth } from '../compile/regional-health.ts';
import { healthView, type ControllerState } from '../reconcile/controller-state.ts';
import type { SteeredRecord } from '../topology/plan-zone.ts';
import type { Topology } from '../topology/topology.ts';
import { findRecord, type FoundRecord } from './find-record.ts';
import type { ParsedClient } from './parse-client.ts';
import { presentView } from '../compile/present-view.ts';

export interface Question {
  /** Canonical text. */
  readonly name: string;
  readonly client: ParsedClient;
}

/** What databases know of a client, by the octets of its address (4 or 16). */
export interface ClientFinder {
  readonly place: (octets: Uint8Array) => Place;
  /** Absent: there is no database of autonomous systems. */
  readonly system?: (octets: Uint8Array) => ClientSystem;
}

/** What else an explanation needs of the controller. */
export interface ExplainTools {
  /** Absent: no round trip was measured. */
  readonly measured?: Measured;
  /** Absent: there is no secret, so no signed names. */
  readonly affinity?: AffinityNames | undefined;
}

/** `nowMs`: wall clock. */
export function explain(
  state: ControllerState,
  { name, client }: Question,
  finder: ClientFinder,
  nowMs: number,
  { measured, affinity }: ExplainTools = {},
): Explanation {
  const topology = state.configuration?.topology;
  const seen = clientView(client, finder);
  const { verdicts } = state;
  const health = regionalHealth(healthView(verdicts), verdicts, topology?.configuration ?? { vantages: {} });
  const view = presentView(state, nowMs, affinity);
  const zones = topology === undefined ? new Map() : compileZones(topology, health, view);
  const found = findRecord(zones, name);
  const { continent, country, subdivision, prefixLength } = seen.place();
  const { asn } = seen.system();
  const base: Explanation = {
    name,
    client: client.text,
    place: { continent, country, subdivision, prefixLength, ...(asn > 0 && { asn }) },
    outcome: found.kind === 'found' ? 'static' : found.kind,
    ...(found.kind === 'refused' ? {} : { zone: found.zone }),
    generation: state.records?.generation ?? 0,
    rules: [],
    answers: [],
    scope: 0,
  };
  if (found.kind !== 'found' || topology === undefined) return base;
  const answers = staticAnswers(found.sets);
  const steered = steeredRecords(topology, found, view).flatMap((record) => {
    const input = policyInput(topology.configuration, record, health, view);
    if (input === undefined) return [];
    const types = [...record.types, 'CNAME'] as const;
    return [{ record, explained: explainPolicy(input, name, seen, types, measured) }];
  });
  const [first, ...others] = steered;
  if (first === undefined) return { ...base, answers };
  const { view: near, pin, rules } = first.explained;
  return {
    ...base,
    outcome: 'steered',
    policy: first.record.policy,
    ...(near === undefined ? {} : { view: near }),
    ...(pin === undefined ? {} : { pin }),
    rules,
    answers: [...steered.flatMap(({ explained }) => explained.answers), ...answers],
    scope: Math.max(...steered.map(({ explained }) => explained.scope)),
    ...(others.length > 0 && {
      notes: others.map(({ record: { types, policy } }) => `${types.join(', ')} by policy ${policy}`),
    }),
  };
}

/** For a controller without databases. */
export const FINDS_NOTHING: ClientFinder = { place: () => NOWHERE };

export function clientView({ family, octets, sourceLength }: ParsedClient, finder: ClientFinder): ClientView {
  const place = finder.place(octets);
  const system = finder.system?.(octets) ?? UNKNOWN_SYSTEM;
  const address = new Uint8Array(16);
  address.set(octets);
  return { family, address, sourceLength, place: () => place, system: () => system };
}

/** Those of the name, in the order of the configuration: each is of other types. */
function steeredRecords(
  topology: Topology,
  found: Extract<FoundRecord, { kind: 'found' }>,
  view: CompileView,
): readonly SteeredRecord[] {
  const plan = topology.zones.get(found.zone);
  if (plan === undefined) return [];
  return recordsThatSteer(topology.configuration, plan, view).filter(({ owner }) => owner === found.owner);
}

function staticAnswers(sets: ReadonlyMap<string, RecordSet>): Explanation['answers'] {
  return [...sets].flatMap(([type, set]) =>
    set.kind === 'steered'
      ? []
      : [
          {
            type,
            ttl: set.ttl,
            select: set.rdata.length,
            candidates: set.rdata.map((rdata) => ({ rdata, share: 1 })),
          },
        ],
  );
}
