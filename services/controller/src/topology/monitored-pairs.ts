/**
 * Which (monitor, target) pairs are judged, and how: those that pools name, and all that their calculated monitors
 * look at. Worked out once per configuration. Pure.
 */
import {
  childrenOf,
  isProbed,
  type CalculatedMonitor,
  type Configuration,
  type DampingConfiguration,
  type MonitorConfiguration,
  type PushMonitor,
  type Quorum,
  type TargetConfiguration,
} from '@signpost/contracts/configuration';
import type { Family } from '@signpost/contracts/health';
import { pairKey } from '@signpost/contracts/names';

import { majorityOf } from '../verdict/judge-family.ts';

/** How a pair comes to its verdict. */
export type JudgingRule =
  | { readonly kind: 'votes'; readonly quorum: Quorum; readonly decide: 'global' | 'regional' }
  | HeartbeatRule
  | CalculatedRule;

export interface HeartbeatRule {
  readonly kind: 'heartbeat';
  readonly expectEveryMs: number;
  /** Silence until suspect, and until down. Equal: down at once. */
  readonly suspectAfterMs: number;
  readonly downAfterMs: number;
}

export interface CalculatedRule {
  readonly kind: 'calculated';
  /** All must hold: at least `n` of the monitors `of`. */
  readonly conditions: readonly Condition[];
}

export interface Condition {
  /** As it was written: `all`, `any`, `at least 2`. */
  readonly name: string;
  readonly n: number;
  readonly of: readonly string[];
}

export interface MonitoredPair {
  readonly monitor: string;
  readonly target: string;
  /** Names of the vantages that vote, sorted; none when no prober has a say. */
  readonly vantages: readonly string[];
  readonly minReports: number;
  readonly families: readonly Family[];
  readonly rule: JudgingRule;
  /** Undefined: off. */
  readonly damping: DampingConfiguration | undefined;
}

/** By pair key: in the order of the keys, but what is looked at comes before what looks at it. */
export function monitoredPairs(configuration: Configuration): ReadonlyMap<string, MonitoredPair> {
  const byDepth: Map<string, MonitoredPair>[] = [];
  const depths = new Map<string, number>();
  for (const { monitor, members } of Object.values(configuration.pools)) {
    if (monitor === undefined) continue;
    const templates = [monitor, ...descendantsOf(configuration, monitor)].flatMap((name) => {
      const settings = ownEntry(configuration.monitors, name);
      return settings === undefined ? [] : [templateOf(name, settings, configuration)];
    });
    for (const { target } of members) {
      const families = familiesOf(configuration.targets[target] ?? { status: 'obey' });
      if (families.length === 0) continue;
      for (const template of templates) {
        const depth = depths.get(template.monitor) ?? depthOf(configuration, template.monitor);
        depths.set(template.monitor, depth);
        const pairs = (byDepth[depth] ??= new Map<string, MonitoredPair>());
        pairs.set(pairKey(template.monitor, target), { ...template, target, families });
      }
    }
  }
  return new Map(byDepth.flatMap((pairs) => [...(pairs ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

/** Families that a target is answered in. A host name may turn out to have both. */
export function familiesOf(target: TargetConfiguration): readonly Family[] {
  if (target.cname !== undefined) return ['ipv4', 'ipv6'];
  return [
    ...(target.a === undefined ? [] : (['ipv4'] as const)),
    ...(target.aaaa === undefined ? [] : (['ipv6'] as const)),
  ];
}

/** Monitors that a calculated one looks at, directly or through others. */
export function descendantsOf(configuration: Configuration, monitor: string): readonly string[] {
  const found = new Set<string>();
  const visit = (name: string) => {
    for (const child of directChildren(configuration, name)) {
      if (found.has(child)) continue;
      found.add(child);
      visit(child);
    }
  };
  visit(monitor);
  return [...found];
}

function directChildren(configuration: Configuration, monitor: string): readonly string[] {
  const settings = ownEntry(configuration.monitors, monitor);
  return settings?.type === 'calculated' ? childrenOf(settings) : [];
}

/** 0 for what looks at no other monitor. A loop is refused before it gets here; `above` keeps it from doing harm. */
function depthOf(configuration: Configuration, monitor: string, above: readonly string[] = []): number {
  if (above.includes(monitor)) return 0;
  const below = directChildren(configuration, monitor).map((child) =>
    depthOf(configuration, child, [...above, monitor]),
  );
  return below.length === 0 ? 0 : 1 + Math.max(...below);
}

function templateOf(
  monitor: string,
  settings: MonitorConfiguration,
  configuration: Configuration,
): Omit<MonitoredPair, 'target' | 'families'> {
  if (settings.type === 'calculated') {
    return { monitor, vantages: [], minReports: 0, rule: calculatedRule(settings), damping: undefined };
  }
  const damping = settings.damping === 'off' ? undefined : settings.damping;
  if (!isProbed(settings)) {
    return { monitor, vantages: [], minReports: 0, rule: heartbeatRule(settings), damping };
  }
  const used = settings.vantages.use ?? Object.keys(configuration.vantages);
  const vantages = [...new Set(used)].toSorted();
  return {
    monitor,
    vantages,
    minReports: settings.vantages.min_reports ?? majorityOf(vantages.length),
    rule: { kind: 'votes', quorum: settings.vantages.quorum, decide: settings.vantages.decide },
    damping,
  };
}

/** A heartbeat may be late by a quarter of its period, and by a quarter of a second in any case. */
export function graceMs(expectEveryMs: number): number {
  return Math.max(250, expectEveryMs / 4);
}

function heartbeatRule({ expect_every, silence, down_after }: PushMonitor): HeartbeatRule {
  const suspectAfterMs = expect_every + graceMs(expect_every);
  const downAfterMs =
    silence === 'down' ? suspectAfterMs : Math.max(suspectAfterMs, down_after ?? 3 * expect_every);
  return { kind: 'heartbeat', expectEveryMs: expect_every, suspectAfterMs, downAfterMs };
}

function calculatedRule({ all, any, at_least: atLeast }: CalculatedMonitor): CalculatedRule {
  return {
    kind: 'calculated',
    conditions: [
      ...(all === undefined ? [] : [{ name: 'all', n: all.length, of: all }]),
      ...(any === undefined ? [] : [{ name: 'any', n: 1, of: any }]),
      ...(atLeast === undefined ? [] : [{ name: `at least ${atLeast.n}`, n: atLeast.n, of: atLeast.of }]),
    ],
  };
}

function ownEntry<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
