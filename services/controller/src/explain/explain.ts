/**
 * Why a client gets its answer, from the controller's present state and by the same functions that compile and
 * select. Pure; must not decide anything of its own.
 */
import type { Explanation } from '@signpost/contracts/explanation';
import { NOWHERE, type Place, UNKNOWN_SYSTEM } from '@signpost/contracts/place';
import type { RecordSet } from '@signpost/contracts/record-set';
import { explainPolicy } from '@signpost/policy/explain-policy';
import type { ClientView } from '@signpost/policy/match-client';

import { compileZones, policyInput } from '../compile/compile-zone.ts';
import { overrideView } from '../override/overrides-at.ts';
import { regionalHealth } from '../compile/regional-health.ts';
import { healthView, heldIn, type ControllerState } from '../reconcile/controller-state.ts';
import type { SteeredRecord } from '../topology/plan-zone.ts';
import type { Topology } from '../topology/topology.ts';
import { findRecord, type FoundRecord } from './find-record.ts';
import type { ParsedClient } from './parse-client.ts';

export interface Question {
  /** Canonical text. */
  readonly name: string;
  readonly client: ParsedClient;
}

/** Octets of an address (4 or 16) to its place. */
export type FindPlace = (octets: Uint8Array) => Place;

/** `nowMs`: wall clock. */
export function explain(
  state: ControllerState,
  { name, client }: Question,
  findPlace: FindPlace,
  nowMs: number,
): Explanation {
  const topology = state.configuration?.topology;
  const place = findPlace(client.octets);
  const { verdicts } = state;
  const health = regionalHealth(healthView(verdicts), verdicts, topology?.configuration ?? { vantages: {} });
  const view = { overrides: overrideView(state.present), nowMs, held: heldIn(state) };
  const zones = topology === undefined ? new Map() : compileZones(topology, health, view);
  const found = findRecord(zones, name);
  const { continent, country, subdivision, prefixLength } = place;
  const base: Explanation = {
    name,
    client: client.text,
    place: { continent, country, subdivision, prefixLength },
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
  const explained = explainPolicy(input, name, clientView(client, place), types);
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

/** For a controller without a geo database. */
export const findNoPlace: FindPlace = () => NOWHERE;

export function clientView({ family, octets, sourceLength }: ParsedClient, place: Place): ClientView {
  const address = new Uint8Array(16);
  address.set(octets);
  return { family, address, sourceLength, place: () => place, system: () => UNKNOWN_SYSTEM };
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
