/**
 * The controller of the simulated world: the live controller's own round, from what arrived to record sets, without
 * leases, guards and stores. What is compiled is published at once.
 *
 *   reports, beats, overrides, configuration ──observe (H8)──> state ──compile (H9)──> published set
 */
import type { Generation } from '@signpost/contracts/brands';
import type { SteeredRecordSet } from '@signpost/contracts/record-set';
import { recordSetField } from '@signpost/contracts/keys';
import type { StoredRecords } from '@signpost/contracts/record-store';
import type { Verdict } from '@signpost/contracts/verdict';
import { type CompiledZone, compileZones, type CompileView } from '@signpost/controller/compile/compile-zone';
import { nextTimedChange } from '@signpost/controller/compile/next-timed-change';
import { presentView } from '@signpost/controller/compile/present-view';
import { regionalHealth } from '@signpost/controller/compile/regional-health';
import {
  type AppliedConfiguration,
  type ControllerState,
  healthView,
  INITIAL_STATE,
} from '@signpost/controller/reconcile/controller-state';
import { observe } from '@signpost/controller/reconcile/observe';
import type { Input } from '@signpost/controller/reconcile/take-inputs';
import type { Topology } from '@signpost/controller/topology/topology';
import { NO_LOAD } from '@signpost/policy/load-view';
import { UNCORRECTED } from '@signpost/policy/share-view';

import { narrowedTo, type SteeredName } from './steered-name.ts';

export interface ControllerOptions {
  readonly name: SteeredName;
  /** Wall clock at time 0 of the simulation. */
  readonly startMs: number;
}

export interface Round {
  /** Compiled anew in this round. */
  readonly compiled: boolean;
  readonly changes: readonly Verdict[];
  /** What was decided besides, in words. */
  readonly decisions: readonly string[];
}

export class Controller {
  readonly #options: ControllerOptions;
  #state: ControllerState = INITIAL_STATE;
  #set: SteeredRecordSet | undefined;
  #byWeights: SteeredRecordSet | undefined;
  /** Wall clock. */
  #recompileAtMs: number | undefined;

  constructor(options: ControllerOptions) {
    this.#options = options;
  }

  get set(): SteeredRecordSet | undefined {
    return this.#set;
  }

  /** As it would be if nothing but health and the configuration counted. */
  get byWeights(): SteeredRecordSet | undefined {
    return this.#byWeights;
  }

  /** `nowMs`: time of the simulation. */
  round(inputs: readonly Input[], nowMs: number): Round {
    const wallMs = this.#options.startMs + nowMs;
    const before = this.#state;
    const { state, changes } = observe(before, inputs, { monotonicMs: nowMs, wallMs }, true);
    this.#state = state;
    const timed = this.#recompileAtMs !== undefined && wallMs >= this.#recompileAtMs;
    const compiled =
      this.#set === undefined ||
      timed ||
      changes.length > 0 ||
      state.present !== before.present ||
      state.load.steering !== before.load.steering ||
      state.shares.steering !== before.shares.steering ||
      state.configuration !== before.configuration ||
      dissentsIn(state) !== dissentsIn(before);
    if (compiled) this.#compile(wallMs);
    const pools = new Set(this.#set?.groups.map(({ pool }) => pool));
    return { compiled, changes: changes.map(({ to }) => to), decisions: keepChanges(before, state, pools) };
  }

  #compile(wallMs: number): void {
    const state = this.#state;
    const topology = state.configuration?.topology;
    if (topology === undefined) return;
    const { name } = this.#options;
    const health = regionalHealth(healthView(state.verdicts), state.verdicts, topology.configuration);
    const view = presentView(state, wallMs, undefined);
    const compile = (view: CompileView): CompiledZone =>
      compileZones(narrowedTo(topology, name), health, view).get(name.zone.apex)!;
    const compiled = compile(view);
    this.#byWeights = steeredSet(compile({ ...view, load: NO_LOAD, shares: UNCORRECTED }), name);
    this.#set = steeredSet(compiled, name);
    this.#state = { ...state, records: storedRecords(compiled, name, wallMs) };
    this.#recompileAtMs = nextTimedChange(topology, state.verdicts, wallMs);
  }
}

/** As the controller is given it once it is stored. */
export function appliedConfiguration(topology: Topology, revision: number): Input {
  const configuration: AppliedConfiguration = {
    revision,
    hash: String(revision),
    atMs: 0,
    fileHash: undefined,
    written: {},
    topology,
  };
  return { kind: 'configuration', configuration };
}

function steeredSet(
  { recordSets }: CompiledZone,
  { record, type }: SteeredName,
): SteeredRecordSet | undefined {
  const set = recordSets.get(recordSetField(record.owner, type));
  return set?.kind === 'steered' ? set : undefined;
}

/** What the store would hold: how clients are to spread is read off it. */
function storedRecords({ recordSets }: CompiledZone, { zone }: SteeredName, wallMs: number): StoredRecords {
  const stored = { facts: undefined, recordSets, unreadable: [] };
  return { generation: wallMs as Generation, zones: new Map([[zone.apex, stored]]) };
}

/** Equal texts: vantages dissent alike. */
function dissentsIn({ verdicts }: ControllerState): string {
  return [...verdicts]
    .flatMap(([pair, { dissents }]) =>
      dissents === undefined ? [] : `${pair} ${JSON.stringify([...dissents])}`,
    )
    .join();
}

/** Which of these pools keep another share of their clients than before. */
function keepChanges(
  before: ControllerState,
  { load: { steering } }: ControllerState,
  pools: ReadonlySet<string>,
): string[] {
  return [...steering].flatMap(([pool, { keep }]) =>
    !pools.has(pool) || keep === (before.load.steering.get(pool)?.keep ?? 1)
      ? []
      : `pool ${pool} keeps ${Math.round(keep * 100)} % of its clients`,
  );
}
