/**
 * What a worker's sampler took, as it is told to others: names in text, and of addresses no more than a network.
 * Once a second, between queries. Must not talk to anybody.
 */
import type { AnswerSample } from '@signpost/contracts/answer-sample';
import { MAX_SAMPLED_TARGETS, SAMPLED_BITS } from '@signpost/contracts/sampled-bounds';
import { formatAddress, maskedTo } from '@signpost/dns/address';
import { typeName } from '@signpost/dns/constants';
import { formatName } from '@signpost/dns/name-text';

import type { AnswerSampler } from './answer-sampler.ts';
import type { TargetTimes } from './target-times.ts';

/** By apex. */
export type SamplesByZone = ReadonlyMap<string, readonly AnswerSample[]>;

/** Empties the sampler. */
export function readSamples(sampler: AnswerSampler, slots: TargetTimes): SamplesByZone {
  const byZone = new Map<string, AnswerSample[]>();
  for (let row = 0; row < sampler.count; row += 1) {
    const sample = readSample(sampler, row, slots);
    if (sample === undefined) continue;
    const { apex } = sampler.zones[row]!;
    const samples = byZone.get(apex) ?? [];
    byZone.set(apex, samples);
    samples.push(sample);
  }
  sampler.drained();
  return byZone;
}

/** Undefined: none of its targets has a slot. */
function readSample(sampler: AnswerSampler, row: number, slots: TargetTimes): AnswerSample | undefined {
  const policy = sampler.policies[row]!;
  const targets = targetsOf(sampler, row, slots);
  if (targets.length === 0) return undefined;
  const family = sampler.clientFamilies[row]!;
  const sourceLength = sampler.sourceLengths[row]!;
  return {
    atMs: Math.floor(sampler.atMs[row]!),
    owner: formatName(sampler.nodes[row]!.name),
    type: typeName(sampler.types[row]!),
    policy: policy.name,
    pool: policy.groups[sampler.groups[row]!]!.pool,
    targets,
    resolver: network(sampler.resolvers, row, sampler.resolverFamilies[row]!, 128),
    ...(family !== 0 && { client: network(sampler.clients, row, family, sourceLength) }),
    sourceLength,
    scope: sampler.scopes[row]!,
    ttl: sampler.ttls[row]!,
    weight: sampler.weights[row]!,
  };
}

function targetsOf(sampler: AnswerSampler, row: number, slots: TargetTimes): string[] {
  const start = row * MAX_SAMPLED_TARGETS;
  const given = sampler.targets.subarray(start, start + sampler.targetCounts[row]!);
  return [...given].flatMap((slot) => slots.targetOf(slot) ?? []);
}

function network(addresses: Uint8Array, row: number, family: number, length: number): string {
  const octets = addresses.subarray(row * 16, row * 16 + (family === 4 ? 4 : 16));
  const bits = Math.min(length, SAMPLED_BITS[family === 4 ? 4 : 6]);
  return `${formatAddress(maskedTo(octets, bits))}/${bits}`;
}
