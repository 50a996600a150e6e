/**
 * Every NATS subject, stream and bucket of Signpost. `docs/subjects-and-keys.md` and `docs/asyncapi.yaml` are
 * held to this file by a test. No other file spells a subject.
 */
import { zoneToken } from './names.ts';

export const subjects = {
  healthReport: (monitor: string, target: string, vantage: string, prober: string) =>
    `signpost.health.report.${monitor}.${target}.${vantage}.${prober}`,
  healthChanged: (monitor: string, target: string) => `signpost.health.changed.${monitor}.${target}`,
  recordsChanged: (apex: string) => `signpost.records.changed.${zoneToken(apex)}`,
  overrideChanged: (target: string) => `signpost.override.changed.${target}`,
  configChanged: () => 'signpost.config.changed',
  vantageChanged: (vantage: string) => `signpost.vantage.changed.${vantage}`,
  guardHeld: () => 'signpost.guard.held',
  proberHeartbeat: (vantage: string, prober: string) => `signpost.prober.heartbeat.${vantage}.${prober}`,
  proberResend: (vantage: string, prober: string) => `signpost.prober.resend.${vantage}.${prober}`,
  probeNow: (monitor: string, target: string) => `signpost.probe.now.${monitor}.${target}`,
  authorityHeartbeat: (node: string) => `signpost.authority.heartbeat.${node}`,
  answersSampled: (apex: string) => `signpost.answers.sampled.${zoneToken(apex)}`,
  targetHeartbeat: (target: string) => `signpost.signal.heartbeat.${target}`,
  targetLoad: (target: string) => `signpost.signal.load.${target}`,
  latencySignal: (target: string) => `signpost.signal.latency.${target}`,
} as const;

/** Subscriptions with wildcards, one per family of subjects. */
export const patterns = {
  healthReports: 'signpost.health.report.>',
  healthChanges: 'signpost.health.changed.>',
  recordsChanges: 'signpost.records.changed.>',
  overrideChanges: 'signpost.override.changed.>',
  configChanges: 'signpost.config.changed',
  vantageChanges: 'signpost.vantage.changed.>',
  guardHolds: 'signpost.guard.held',
  proberHeartbeats: 'signpost.prober.heartbeat.>',
  probesNow: 'signpost.probe.now.>',
  authorityHeartbeats: 'signpost.authority.heartbeat.>',
  answerSamples: 'signpost.answers.sampled.>',
  targetHeartbeats: 'signpost.signal.heartbeat.>',
  targetLoads: 'signpost.signal.load.>',
  latencySignals: 'signpost.signal.latency.>',
} as const;

export interface StreamDeclaration {
  readonly name: string;
  readonly subjects: readonly string[];
  /** Messages kept per subject; absent: no limit. */
  readonly maxMessagesPerSubject?: number;
  readonly maxAgeMs?: number;
  /** How long a message id is remembered, so that a repeated append is stored once. */
  readonly duplicateWindowMs: number;
}

export const streams = {
  /** The last report per subject: what a new controller reads to know the present. */
  health: {
    name: 'SIGNPOST_HEALTH',
    subjects: [patterns.healthReports],
    maxMessagesPerSubject: 1,
    duplicateWindowMs: 120_000,
  },
  /** What anybody may subscribe to, kept 7 days. */
  events: {
    name: 'SIGNPOST_EVENTS',
    subjects: [
      patterns.healthChanges,
      patterns.recordsChanges,
      patterns.overrideChanges,
      patterns.configChanges,
      patterns.vantageChanges,
      patterns.guardHolds,
    ],
    maxAgeMs: 7 * 24 * 3_600_000,
    duplicateWindowMs: 120_000,
  },
} as const satisfies Record<string, StreamDeclaration>;

export interface BucketDeclaration {
  readonly name: string;
  /** Revisions kept per key, 1 to 64. */
  readonly history: number;
  /** Every entry of the bucket expires this long after it was written. */
  readonly ttlMs?: number;
}

export const buckets = {
  /** One key per noun and per zone, and `manifest`, which names the revisions that belong together. */
  config: { name: 'signpost_config', history: 64 },
  /** Probe assignments, `<vantage>.<shard>`. */
  probes: { name: 'signpost_probes', history: 1 },
  /**
   * Last verdict per pair, `<monitor>.<target>`, standing per vantage, `_vantage.<name>`, and how a pool is steered by
   * load, `_load.<pool>`: what a new leader needs.
   */
  verdicts: { name: 'signpost_verdicts', history: 1 },
  /** One key per override, its id; what ended stays until that is told. */
  overrides: { name: 'signpost_overrides', history: 64 },
  /** `policy.<name>`: what guards hold and remember of a policy; `approved.<id>`: a hold that may pass. */
  guards: { name: 'signpost_guards', history: 1 },
  /** `controller`: who leads. */
  lease: { name: 'signpost_lease', history: 1, ttlMs: 4_000 },
} as const satisfies Record<string, BucketDeclaration>;
