/**
 * Topology -> what the probers of each vantage are to check, in shards below NATS' message limit. Pure.
 *
 * Pairs are spread over the interval by a hash of their name, and the vantages of one pair stand apart by equal
 * parts of it, so that V vantages together see a target V times as often as one.
 */
import {
  isProbed,
  type Configuration,
  type ProbedMonitor,
  type TargetConfiguration,
} from '@signpost/contracts/configuration';
import { pairKey } from '@signpost/contracts/names';
import {
  assignmentKey,
  ASSIGNMENTS_PER_SHARD,
  type Assignment,
  type AssignmentShard,
  type Check,
} from '@signpost/contracts/probe-assignment';

import { familiesOf, type MonitoredPair } from '../topology/monitored-pairs.ts';
import type { Topology } from '../topology/topology.ts';
import { portOf, probeOf } from './probe-of.ts';

/** Characters of JSON; NATS takes 1 MiB by default, and private CAs are repeated in each assignment. */
export const MAX_SHARD_LENGTH = 512 * 1024;

/** By `<vantage>.<shard>`. */
export function assignProbes(topology: Topology): ReadonlyMap<string, AssignmentShard> {
  const byVantage = new Map<string, Assignment[]>();
  for (const pair of topology.pairs.values()) {
    for (const [index, vantage] of pair.vantages.entries()) {
      const assignment = assign(topology.watched, pair, index);
      if (assignment === undefined) continue;
      const assigned = byVantage.get(vantage) ?? [];
      byVantage.set(vantage, assigned);
      assigned.push(assignment);
    }
  }
  const shards = new Map<string, AssignmentShard>();
  for (const [vantage, assignments] of byVantage) {
    for (const [shard, part] of cut(assignments).entries()) {
      shards.set(assignmentKey(vantage, shard), { vantage, shard, assignments: part });
    }
  }
  return shards;
}

/** Uniform in [0, 1), the same in every process: 32-bit FNV-1a with a final mix, since names differ at their end. */
export function hashFraction(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

function assign(
  configuration: Configuration,
  pair: MonitoredPair,
  vantageIndex: number,
): Assignment | undefined {
  const monitor = configuration.monitors[pair.monitor];
  const target = configuration.targets[pair.target];
  if (monitor === undefined || target === undefined || !isProbed(monitor)) return undefined;
  const phase = hashFraction(pairKey(pair.monitor, pair.target)) + vantageIndex / pair.vantages.length;
  return {
    monitor: pair.monitor,
    target: pair.target,
    probe: probeOf(monitor, target),
    checks: checksOf(monitor, target),
    intervalMs: monitor.interval,
    timeoutMs: monitor.timeout,
    rise: monitor.rise,
    fall: monitor.fall,
    ...(monitor.burst === 'off' ? {} : { burst: { spacingMs: monitor.burst.spacing } }),
    phase: phase % 1,
  };
}

/** One check per address, or a single one that speaks for all families when the configuration names where. */
function checksOf(monitor: ProbedMonitor, target: TargetConfiguration): Check[] {
  const port = monitor.type === 'icmp' ? 0 : (target.check?.port ?? portOf(monitor));
  const families = [...familiesOf(target)];
  const address = target.check?.address ?? target.cname;
  if (address !== undefined) return [{ families, address: withoutFinalDot(address), port }];
  const { a, aaaa } = target;
  return [
    ...(a === undefined ? [] : [{ families: ['ipv4' as const], address: a, port }]),
    ...(aaaa === undefined ? [] : [{ families: ['ipv6' as const], address: aaaa, port }]),
  ];
}

function withoutFinalDot(host: string): string {
  return host.length > 1 && host.endsWith('.') ? host.slice(0, -1) : host;
}

function cut(assignments: readonly Assignment[]): Assignment[][] {
  const parts: Assignment[][] = [];
  let part: Assignment[] = [];
  let length = 0;
  for (const assignment of assignments) {
    const size = JSON.stringify(assignment).length;
    if (part.length >= ASSIGNMENTS_PER_SHARD || (part.length > 0 && length + size > MAX_SHARD_LENGTH)) {
      parts.push(part);
      part = [];
      length = 0;
    }
    part.push(assignment);
    length += size;
  }
  if (part.length > 0) parts.push(part);
  return parts;
}
