/**
 * For tests alone: a small world of pools with a place each, and what a client gets of a policy over them.
 *
 *   london  two targets, 80 and 20      new-york  one      singapore  one      sorry  one that nobody checks, nowhere
 */
import type { HealthState } from '@signpost/contracts/health';
import type { Place } from '@signpost/contracts/place';
import type { PolicyRule } from '@signpost/contracts/policy-configuration';
import type { Point } from '@signpost/contracts/record-set';

import { createChance, seedOf } from '../chance.ts';
import { compilePolicy } from '../compile-policy.ts';
import type { ClientView } from '../match-client.ts';
import type { PolicyInput } from '../policy-input.ts';
import { clientOf, latencyTable, type PlainLatencies } from '../reference/arbitrary-client.ts';
import { NOTHING_MEASURED } from '../reference/select-plainly.ts';
import { createSelection, prepareSteering, selectAnswer } from '../select-answer.ts';

export const NOW_MS = Date.UTC(2026, 10, 26, 12);

const LONDON: Point = [51.5, -0.1];
const NEW_YORK: Point = [40.7, -74];
const SINGAPORE: Point = [1.3, 103.8];

const TARGETS = ['london-a', 'london-b', 'new-york', 'singapore', 'sorry'];

export interface World extends Partial<Omit<PolicyInput, 'policy' | 'health'>> {
  readonly policy?: Partial<PolicyInput['policy']>;
  readonly states?: Readonly<Record<string, HealthState>>;
  /** Seconds ago that a target changed. */
  readonly changed?: Readonly<Record<string, number>>;
}

/** All targets are up unless `states` says otherwise. */
export function worldOf(rules: readonly PolicyRule[], world: World = {}): PolicyInput {
  const { policy, states = {}, changed = {}, ...rest } = world;
  return {
    policyName: 'global',
    policy: { rules: [...rules], within: { pick: 'weighted', select: 1 }, ...policy },
    defaultAllDown: 'nodata',
    ttl: { stable: 30, suspect: 10, floor: 5, settle: 0 },
    pools: {
      london: {
        monitor: 'web',
        members: [
          { target: 'london-a', weight: 80 },
          { target: 'london-b', weight: 20 },
        ],
      },
      'new-york': { monitor: 'web', members: [{ target: 'new-york', weight: 1 }] },
      singapore: { monitor: 'web', members: [{ target: 'singapore', weight: 1 }] },
      sorry: { members: [{ target: 'sorry', weight: 1 }] },
    },
    targets: {
      'london-a': { a: '192.0.2.1', at: LONDON, status: 'obey' },
      'london-b': { a: '192.0.2.2', at: LONDON, status: 'obey' },
      'new-york': { a: '192.0.2.3', at: NEW_YORK, status: 'obey' },
      singapore: { a: '192.0.2.4', at: SINGAPORE, status: 'obey' },
      sorry: { a: '192.0.2.5', status: 'obey' },
    },
    health: (_monitor, target) => {
      const state = states[target] ?? 'up';
      const ago = changed[target];
      const changedMs = ago === undefined ? undefined : NOW_MS - ago * 1_000;
      return { state, ipv4: state, ipv6: state, reason: 'as told', changedMs };
    },
    nowMs: NOW_MS,
    ...rest,
  };
}

/** Every target of the pools. */
export function down(...pools: string[]): Record<string, HealthState> {
  return Object.fromEntries(
    TARGETS.filter((target) => pools.some((pool) => target.startsWith(pool))).map((target) => [
      target,
      'down',
    ]),
  );
}

/** In 198.51.100.0/24, of an unknown place unless one is given. */
export function clientIn(place: Partial<Place> = {}): ClientView {
  const found: Place = { continent: '', country: '', subdivision: '', prefixLength: 16, ...place };
  return { ...clientOf(4, Uint8Array.of(198, 51, 100, 7), 32), place: () => found };
}

export function clientAt(latitude: number, longitude: number): ClientView {
  return clientIn({ location: { latitude, longitude } });
}

/** `london healthy: london-a london-b`. */
export function steer(
  input: PolicyInput,
  client: ClientView = clientIn(),
  measured: PlainLatencies = NOTHING_MEASURED,
): string {
  const { group, targets } = selected(input, client, measured);
  return `${group.pool} ${group.standing}: ${targets.join(' ')}`.trim();
}

/** The pool alone. */
export function poolOf(
  input: PolicyInput,
  client: ClientView = clientIn(),
  measured: PlainLatencies = NOTHING_MEASURED,
): string {
  return selected(input, client, measured).group.pool;
}

export function scopeOf(input: PolicyInput, client: ClientView, measured = NOTHING_MEASURED): number {
  return selected(input, client, measured).scope;
}

/** The share of 20,000 /24 networks that each pool serves. */
export function sharesOf(input: PolicyInput): Record<string, number> {
  const set = compilePolicy(input, 'A')!;
  const steering = prepareSteering(set);
  const chance = createChance(seedOf(set, 'go.example.net'));
  const selection = createSelection();
  const shares: Record<string, number> = {};
  for (let network = 0; network < 20_000; network += 1) {
    const client = clientOf(4, Uint8Array.of(20, network >> 8, network, 1), 32);
    selectAnswer(steering, client, chance, selection);
    const { pool } = set.groups[selection.group]!;
    shares[pool] = (shares[pool] ?? 0) + 1;
  }
  return Object.fromEntries(Object.entries(shares).map(([pool, hits]) => [pool, hits / 20_000]));
}

function selected(input: PolicyInput, client: ClientView, measured: PlainLatencies) {
  const set = compilePolicy(input, 'A')!;
  const { latencies, slotOf } = latencyTable(measured, TARGETS);
  const selection = createSelection();
  const chance = createChance(seedOf(set, 'go.example.net'));
  selectAnswer(prepareSteering(set, slotOf), client, chance, selection, latencies);
  const group = set.groups[selection.group]!;
  return { group, scope: selection.scope, targets: group.answers.map(({ target }) => target) };
}
