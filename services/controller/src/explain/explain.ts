/**
 * Why a client gets its answer, from the controller's present state and by the same functions that compile and
 * select. Pure; must not decide anything of its own.
 */
import type { Explanation } from '@signpost/contracts/explanation';
import { type ClientSystem, NOWHERE, type Place, UNKNOWN_SYSTEM } from '@signpost/contracts/place';
import type { RecordSet } from '@signpost/contracts/record-set';
import { explainPolicy, type Measured } from '@signpost/policy/explain-policy';
import type { ClientView } from '@signpost/policy/match-client';

import { compileZones, policyInput } from '../compile/compile-zone.ts';
import { loadView } from '../load/load-view.ts';
import { overrideView } from '../override/overrides-at.ts';
import { regionalHealth } from '../compile/regional-health.ts';
import { healthView, heldIn, type ControllerState } from '../reconcile/controller-state.ts';
import { shareView } from '../share/share-steering.ts';
import type { SteeredRecord } from '../topology/plan-zone.ts';
import type { Topology } from '../topology/topology.ts';
import { findRecord, type FoundRecord } from './find-record.ts';
import type { ParsedClient } from './parse-client.ts';

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

/** `nowMs`: wall clock. `measured` absent: no round trip was. */
export function explain(
  state: ControllerState,
  { name, client }: Question,
  finder: ClientFinder,
  nowMs: number,
  measured?: Measured,
): Explanation {
  const topology = state.configuration?.topology;
  const seen = clientView(client, finder);
  const { verdicts } = state;
  const health = regionalHealth(healthView(verdicts), verdicts, topology?.configuration ?? { vantages: {} });
  const view = {
    overrides: overrideView(state.present),
    nowMs,
    held: heldIn(state),
    load: loadView(state.load.steering),
    shares: shareView(state.shares.steering),
  };
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
  const steered = steeredRecord(topology, found);
  const answers = staticAnswers(found.sets);
  if (steered === undefined) return { ...base, answers };
  const input = policyInput(topology.configuration, steered, health, view);
  if (input === undefined) return { ...base, answers };
  const types = [...steered.types, 'CNAME'] as const;
  const explained = explainPolicy(input, name, seen, types, measured);
  return {
    ...base,
    outcome: 'steered',
    policy: steered.policy,
    ...(explained.view === undefined ? {} : { view: explained.view }),
    rules: explained.rules,
    answers: [...explained.answers, ...answers],
    scope: explained.scope,
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

function steeredRecord(
  topology: Topology,
  found: Extract<FoundRecord, { kind: 'found' }>,
): SteeredRecord | undefined {
  return topology.zones.get(found.zone)?.steered.find(({ owner }) => owner === found.owner);
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
