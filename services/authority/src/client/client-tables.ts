/**
 * In the main thread: flattens rules on clients into tables, one for each different set of rules, and hands them to the
 * workers. Workers walk the rules until their table is there, and again when a database has changed, so nothing waits
 * for it and no answer hangs on it. It builds in short steps, since the same thread follows the records.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

import type { GeoDatabase, SystemDatabase } from '@signpost/geo/mmdb-file';
import { buildClientTable, type ClientDatabases } from '@signpost/policy/build-client-table';
import type { ClientTable } from '@signpost/policy/client-table';
import { tableSize } from '@signpost/policy/range-list';

import type { RecordSink } from '../replica/record-sink.ts';
import { RulesInUse, type UsedRules } from './rules-in-use.ts';

export interface ClientTablesOptions {
  /** To all workers; undefined: the table is given up. */
  readonly publish: (rules: string, table: ClientTable | undefined) => Promise<void>;
  readonly signal: AbortSignal;
  /** A mistake of ours, or a worker ended. */
  readonly onFailure: (error: unknown) => void;
}

interface Current<Database> {
  current(): Database;
}

export interface TableSources {
  readonly geo: Current<GeoDatabase>;
  readonly systems: Current<SystemDatabase> | undefined;
}

/** Rules beyond them are walked; those of the most record sets come first. */
export const MOST_TABLES = 64;
const MOST_OCTETS = 64 * 2 ** 20;
/** Nodes of a tree at a time: about a millisecond. */
const STEP = 4_096;

/** A table that the workers have, or undefined where none can be made. */
interface Built {
  readonly table: ClientTable | undefined;
  readonly octets: number;
}

export class ClientTables {
  readonly #options: ClientTablesOptions;
  readonly #inUse = new RulesInUse(() => this.lookAgain());
  /**
   * The oldest first. Tables of rules that are not in use stay as long as there is room: a pool that fails and recovers
   * has the same rules again.
   */
  readonly #built = new Map<string, Built>();
  #sources: TableSources | undefined;
  /** Opened anew for another database. */
  #opened: { geo: GeoDatabase; systems: SystemDatabase | undefined; trees: ClientDatabases } | undefined;
  #running = false;
  #isAsked = false;

  constructor(options: ClientTablesOptions) {
    this.#options = options;
  }

  /** Tables in memory. */
  get built(): number {
    return [...this.#built.values()].filter(({ table }) => table !== undefined).length;
  }

  /** Sets of rules in use that have no table. */
  get missing(): number {
    return [...this.#inUse.all()].filter(({ key }) => this.#built.get(key)?.table === undefined).length;
  }

  /** Of all tables. */
  get octets(): number {
    return [...this.#built.values()].reduce((sum, { octets }) => sum + octets, 0);
  }

  watching(sink: RecordSink): RecordSink {
    return this.#inUse.watching(sink);
  }

  /** Nothing is built before. */
  buildFrom(sources: TableSources): void {
    this.#sources = sources;
    this.lookAgain();
  }

  /** Rules or databases have changed. */
  lookAgain(): void {
    this.#isAsked = true;
    if (this.#running || this.#sources === undefined) return;
    this.#running = true;
    this.#buildAll(this.#sources).catch((error: unknown) => {
      if (!this.#options.signal.aborted) this.#options.onFailure(error);
    });
  }

  /** Looks anew after each table, since rules and databases change meanwhile. */
  async #buildAll(sources: TableSources): Promise<void> {
    while (this.#isAsked && !this.#options.signal.aborted) {
      this.#isAsked = false;
      const trees = this.#currentTrees(sources);
      const rules = this.#mostUsed();
      if (rules === undefined || !(await this.#makeRoom())) continue;
      this.#isAsked = true;
      const table = await this.#build(rules, trees, sources);
      if (table === 'outdated' || this.#currentTrees(sources) !== trees) continue;
      this.#built.set(rules.key, { table, octets: table === undefined ? 0 : sizeOf(table) });
      if (table !== undefined) await this.#options.publish(rules.key, table);
    }
    this.#running = false;
  }

  /** Undefined where there would be too many ranges, or workers refuse the record sets. */
  async #build(
    { key, part }: UsedRules,
    trees: ClientDatabases,
    sources: TableSources,
  ): Promise<ClientTable | undefined | 'outdated'> {
    const building = buildClientTable(part, trees, STEP);
    for (;;) {
      const step = nextStep(building);
      if (step.done === true) return step.value;
      await nextTurn();
      const isUsed = this.#inUse.get(key) !== undefined && !this.#options.signal.aborted;
      if (!isUsed || this.#currentTrees(sources) !== trees) return 'outdated';
    }
  }

  /** Forgets what was built from another database; the workers do so themselves when it comes. */
  #currentTrees({ geo, systems }: TableSources): ClientDatabases {
    const now = { geo: geo.current(), systems: systems?.current() };
    const before = this.#opened;
    if (before !== undefined && before.geo === now.geo && before.systems === now.systems) return before.trees;
    const trees = { places: now.geo.networks(), systems: now.systems?.networks() };
    this.#opened = { ...now, trees };
    for (const [key, { table }] of this.#built) {
      const isKept =
        table !== undefined &&
        (!table.usesPlaces || before?.geo === now.geo) &&
        (!table.usesSystems || before?.systems === now.systems);
      if (!isKept) this.#built.delete(key);
    }
    return trees;
  }

  /** Of those that are not built; undefined: all are. */
  #mostUsed(): UsedRules | undefined {
    let most: UsedRules | undefined;
    for (const rules of this.#inUse.all()) {
      if (!this.#built.has(rules.key) && rules.count > (most?.count ?? 0)) most = rules;
    }
    return most;
  }

  /** For one more table; false: all are in use. */
  async #makeRoom(): Promise<boolean> {
    for (const [key, { table }] of this.#built) {
      const isFull = this.built >= MOST_TABLES || this.octets >= MOST_OCTETS;
      if (this.#inUse.get(key) !== undefined || (table !== undefined && !isFull)) continue;
      this.#built.delete(key);
      if (table !== undefined) await this.#options.publish(key, undefined);
    }
    return this.built < MOST_TABLES && this.octets < MOST_OCTETS;
  }
}

/** What points outside itself was refused by the workers, by name; here it has no table. */
function nextStep(building: ReturnType<typeof buildClientTable>): ReturnType<typeof building.next> {
  try {
    return building.next();
  } catch (error) {
    if (error instanceof RangeError) return { done: true, value: undefined };
    throw error;
  }
}

function sizeOf({ ipv4, ipv6 }: ClientTable): number {
  return tableSize(ipv4) + tableSize(ipv6);
}
