/**
 * The probers of the simulated world, one in each vantage: the prober's own schedule, judging, bursts and reports,
 * over probes whose results follow from how the targets are. Messages between them arrive at once.
 */
import type { CoreMessaging } from '@signpost/contracts/messaging';
import type { AssignmentShard } from '@signpost/contracts/probe-assignment';
import type { Input } from '@signpost/controller/reconcile/take-inputs';
import { type ConfirmFailures, confirmFailures } from '@signpost/prober/burst/confirm-failures';
import { JudgedPairs } from '@signpost/prober/judge/judged-pairs';
import type { Conclusive } from '@signpost/prober/judge/judge-family';
import { Outbox } from '@signpost/prober/report/outbox';
import { DueQueue } from '@signpost/prober/schedule/due-queue';
import { type PlannedCheck, planChecks } from '@signpost/prober/schedule/plan-checks';
import { nextDueMs, proberShift } from '@signpost/prober/schedule/probe-schedule';

import type { Chance } from './chance.ts';
import type { TargetsState } from './targets-state.ts';

export interface ProbersOptions {
  readonly assignments: Iterable<AssignmentShard>;
  /** Wall clock at time 0 of the simulation. */
  readonly startMs: number;
  readonly targets: TargetsState;
  readonly chance: Chance;
}

const ROUND_TRIP_MS = 1;
const PASS: Conclusive = { kind: 'pass', roundTripMs: ROUND_TRIP_MS, phases: {} };
const REFUSED: Conclusive = { kind: 'fail', reason: 'connection refused' };

interface Prober {
  readonly vantage: string;
  readonly prober: string;
  readonly shift: number;
  readonly pairs: JudgedPairs;
  readonly outbox: Outbox;
  readonly confirm: ConfirmFailures;
  /** By check: which of its probes besides those due are still wanted. */
  readonly extra: Map<string, object>;
  readonly planned: readonly PlannedCheck[];
}

interface Step {
  readonly dueMs: number;
  readonly prober: Prober;
  readonly planned: PlannedCheck;
  /** The end of a probe; absent: one begins. */
  readonly ended?: { readonly startedMs: number; readonly result: Conclusive };
  /** Begins besides those due, as long as it is wanted. */
  readonly extra?: object;
}

export class Probers {
  readonly #options: ProbersOptions;
  readonly #queue = new DueQueue<Step>();
  readonly #probers: readonly Prober[];
  #nowMs = 0;

  constructor(options: ProbersOptions) {
    this.#options = options;
    const wire = loopback();
    const byVantage = Map.groupBy(options.assignments, ({ vantage }) => vantage);
    this.#probers = [...byVantage].map(([vantage, shards]) => this.#start(vantage, shards, wire));
  }

  /** When the next probe begins or ends. */
  get nextMs(): number {
    return this.#queue.nextDueMs ?? Number.POSITIVE_INFINITY;
  }

  /** Takes all steps that are due; returns the reports that they led to. */
  runAt(nowMs: number): Input[] {
    this.#nowMs = nowMs;
    for (let step = this.#queue.takeDue(nowMs); step !== undefined; step = this.#queue.takeDue(nowMs)) {
      if (step.ended === undefined) this.#begin(step);
      else this.#end(step, step.ended);
    }
    return this.#probers.flatMap(reportsOf);
  }

  /** Signs of life, one of each. */
  beats(nowMs: number): Input[] {
    return this.#probers.map(({ vantage, prober, outbox }) => ({
      kind: 'beat',
      beat: { vantage, prober, incarnation: 1, ...outbox.summary(), heardAtMs: nowMs },
    }));
  }

  #start(vantage: string, shards: readonly AssignmentShard[], core: Wire): Prober {
    const identity = { vantage, prober: 'simulated', incarnation: 1 };
    const assignments = shards.flatMap(({ assignments: part }) => part);
    const pairs = new JudgedPairs();
    pairs.assign(assignments, this.#options.startMs);
    const planned = planChecks(assignments);
    const extra = new Map<string, object>();
    const confirm = confirmFailures({
      messaging: { core },
      clock: { now: () => this.#options.startMs + this.#nowMs, monotonic: () => this.#nowMs },
      identity,
      pairs,
      schedule: { probeSoon: (key, delaysMs) => this.#probeSoon(prober, key, delaysMs) },
      observe: { burst: () => undefined },
    });
    confirm.replace(planned);
    const prober: Prober = {
      ...identity,
      shift: proberShift(`${vantage}/${identity.prober}`),
      pairs,
      outbox: new Outbox(identity, (pair) => pairs.view(pair)),
      confirm,
      extra,
      planned,
    };
    for (const check of planned) this.#queue.add({ dueMs: 0, prober, planned: check });
    return prober;
  }

  #begin({ dueMs, prober, planned, extra }: Step): void {
    const { assignment, key } = planned;
    if (extra !== undefined && prober.extra.get(key) !== extra) return;
    const ailment = this.#options.targets.of(assignment.target);
    const fails = ailment !== undefined && this.#options.chance.uniform() < ailment.failing;
    const lastsMs = fails && ailment.silent ? assignment.timeoutMs : ROUND_TRIP_MS;
    const result = !fails ? PASS : ailment.silent ? timedOut(assignment.timeoutMs) : REFUSED;
    this.#queue.add({ dueMs: dueMs + lastsMs, prober, planned, ended: { startedMs: dueMs, result } });
    if (extra !== undefined) return;
    const { startMs } = this.#options;
    const timing = { intervalMs: assignment.intervalMs, phase: assignment.phase, shift: prober.shift };
    this.#queue.add({ dueMs: nextDueMs(startMs + dueMs, timing) - startMs, prober, planned });
  }

  #end({ prober, planned }: Step, { startedMs, result }: NonNullable<Step['ended']>): void {
    const times = { startedMs, nowMs: this.#options.startMs + this.#nowMs };
    const transitions = prober.pairs.record(planned.pair, planned.check.families, result, times);
    if (transitions.length > 0) prober.outbox.changed(planned.pair);
    prober.confirm.judged(planned, result, startedMs, transitions);
  }

  #probeSoon(prober: Prober, key: string, delaysMs: readonly number[]): void {
    const extra = {};
    prober.extra.set(key, extra);
    const planned = prober.planned.find((check) => check.key === key);
    if (planned === undefined) return;
    for (const delayMs of delaysMs) this.#queue.add({ dueMs: this.#nowMs + delayMs, prober, planned, extra });
  }
}

function timedOut(timeoutMs: number): Conclusive {
  return { kind: 'fail', reason: `no answer within ${timeoutMs} ms` };
}

function reportsOf({ outbox }: Prober): Input[] {
  const inputs: Input[] = [];
  for (let report = outbox.take(); report !== undefined; report = outbox.take()) {
    outbox.confirm(report);
    inputs.push({ kind: 'report', report });
  }
  return inputs;
}

type Wire = Pick<CoreMessaging, 'publish' | 'subscribe'>;

/** Everybody hears everything: only requests to probe now are sent. */
function loopback(): Wire {
  const listeners = new Set<Parameters<Wire['subscribe']>[1]>();
  return {
    publish: (subject, data, headers = {}) => {
      for (const listener of listeners) listener({ subject, data, headers });
    },
    subscribe: (_pattern, listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => listeners.delete(listener) };
    },
  };
}
