/**
 * What two kinds of database have in common, so that both are opened, checked, cached and followed by the same code:
 * how a record is told to be of the kind, and how it is read. Types alone; the kinds are `read-place.ts` and
 * `read-system.ts`.
 */

/** What a look-up finds: frozen, and the same object for the same facts. */
export interface Found {
  /** How many leading bits of the address decided it. */
  readonly prefixLength: number;
}

export interface RecordKind<Value extends Found> {
  /** In messages: `geo`, `ASN`. */
  readonly name: string;
  /** What a database of this kind tells of: `countries`. */
  readonly subject: string;
  /** Which databases will do, as a sentence. */
  readonly remedy: string;
  /** The form of a record, `flat` or `nested` for instance; undefined: it is not of this kind. */
  shapeOf(record: unknown): string | undefined;
  /** Trusts nothing about the record. */
  read(record: unknown, prefixLength: number): Value;
  /** Equal for equal values, different for different ones. */
  keyOf(value: Value): string;
  /** Nothing is known; shared, so that it costs nothing. */
  nothing(prefixLength: number): Value;
}
