/**
 * Looks up, while we lead, the hosts whose addresses are published, each when its TTL is over, a few at a time, and puts
 * what changed into the inbox. Must not decide what a finding means, nor publish.
 */
import type { ResolvedNames } from '@signpost/policy/resolved-names';
import type { Clock } from '@signpost/lifecycle/clock';

import type { ControllerState } from '../reconcile/controller-state.ts';
import type { Topology } from '../topology/topology.ts';
import { hostsToResolve } from './hosts-to-resolve.ts';
import type { LookUp } from './look-up.ts';
import { publishedNames } from './published-names.ts';
import { afterLookUp, type HostFinding, type ResolvedHost, sameName, unresolved } from './resolved-host.ts';

export interface KeepResolvedOptions {
  readonly state: () => ControllerState;
  readonly leading: () => boolean;
  readonly lookUp: LookUp;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Something changed: all that is known now. */
  readonly onResolved: (hosts: ReadonlyMap<string, ResolvedHost>) => void;
  readonly onLookUp: (finding: HostFinding) => void;
  /** Why it cannot be looked up, told once until it can be again; undefined: it can. */
  readonly onFailing: (host: string, reason: string | undefined) => void;
}

const POLL_MS = 250;
const AT_ONCE = 16;

/** Returns when the signal fires. */
export async function keepResolved(options: KeepResolvedOptions): Promise<void> {
  const { state, leading, clock, signal } = options;
  const resolving = new Resolving(options);
  let known: { readonly topology: Topology; readonly hosts: readonly string[] } | undefined;
  while (!signal.aborted) {
    const topology = state().configuration?.topology;
    // Another controller finds what there is to find; its findings are what is published.
    if (!leading() && resolving.forget()) options.onResolved(new Map());
    // Before the store was read it is not known what is published.
    if (topology !== undefined && leading() && state().records !== undefined) {
      if (known?.topology !== topology) known = { topology, hosts: hostsToResolve(topology) };
      resolving.start(known.hosts, publishedNames(topology, state().records));
    }
    await clock.sleep(POLL_MS, signal).catch(() => undefined);
  }
}

class Resolving {
  readonly #options: KeepResolvedOptions;
  readonly #underWay = new Set<string>();
  #hosts: ReadonlyMap<string, ResolvedHost>;

  constructor(options: KeepResolvedOptions) {
    this.#options = options;
    this.#hosts = options.state().resolved;
  }

  /** Begins the look-ups that are due, as far as there is room. */
  start(wanted: readonly string[], published: ResolvedNames): void {
    if (wanted.length !== this.#hosts.size || wanted.some((host) => !this.#hosts.has(host))) {
      this.#want(wanted, published);
    }
    const nowMs = this.#options.clock.monotonic();
    for (const host of wanted) {
      if (this.#underWay.size >= AT_ONCE) return;
      if (this.#underWay.has(host) || this.#hosts.get(host)!.dueMs > nowMs) continue;
      this.#underWay.add(host);
      void this.#lookUp(host);
    }
  }

  /** False: nothing was known. */
  forget(): boolean {
    const { size } = this.#hosts;
    this.#hosts = new Map();
    return size > 0;
  }

  #want(wanted: readonly string[], published: ResolvedNames): void {
    const nowMs = this.#options.clock.monotonic();
    this.#hosts = new Map(
      wanted.map((host) => [host, this.#hosts.get(host) ?? unresolved(published(host), nowMs)]),
    );
  }

  async #lookUp(host: string): Promise<void> {
    const { lookUp, clock, signal, onFailing, onLookUp, onResolved } = this.#options;
    const finding = await lookUp(host);
    this.#underWay.delete(host);
    const before = this.#hosts.get(host);
    if (before === undefined || signal.aborted) return;
    const after = afterLookUp(before, finding, clock.monotonic());
    this.#hosts = new Map(this.#hosts).set(host, after);
    onLookUp(finding);
    if ((before.failing === undefined) !== (after.failing === undefined)) onFailing(host, after.failing);
    const isFirst = before.ttls.length === 0 && before.failing === undefined;
    if (isFirst || before.failing !== after.failing || !sameName(before.name, after.name)) {
      onResolved(this.#hosts);
    }
  }
}
