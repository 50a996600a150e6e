/**
 * In a worker: the tables that rules on clients were flattened into, by rules. Record sets with equal rules share one
 * place for it, so that a table that comes serves all of them at once.
 */
import { decidingKey, type DecidingPart } from '@signpost/policy/client-rules';
import { type ClientTable, type Flattened, NOT_FLATTENED } from '@signpost/policy/client-table';

export type FlattenedFor = (set: DecidingPart) => Flattened;

interface Place {
  table: ClientTable | undefined;
}

export class FlattenedRules {
  readonly #tables = new Map<string, ClientTable>();
  /** Held by the record sets alone. */
  readonly #places = new Map<string, WeakRef<Place>>();
  readonly #gone = new FinalizationRegistry<string>((key) => {
    if (this.#places.get(key)?.deref() === undefined) this.#places.delete(key);
  });

  of(set: DecidingPart): Flattened {
    const key = decidingKey(set);
    if (key === undefined) return NOT_FLATTENED;
    const known = this.#places.get(key)?.deref();
    if (known !== undefined) return known;
    const place: Place = { table: this.#tables.get(key) };
    this.#places.set(key, new WeakRef(place));
    this.#gone.register(place, key);
    return place;
  }

  /** Kept also while no record set has these rules; undefined: the table is given up. */
  put(key: string, table: ClientTable | undefined): void {
    if (table === undefined) this.#tables.delete(key);
    else this.#tables.set(key, table);
    const place = this.#places.get(key)?.deref();
    if (place !== undefined) place.table = table;
  }

  /** Another database came: what was built from the one before does not hold any more. */
  forget(built: 'usesPlaces' | 'usesSystems'): void {
    for (const [key, table] of this.#tables) if (table[built]) this.put(key, undefined);
  }
}
