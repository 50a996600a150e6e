/**
 * Selects which answers of a steered record set this client gets, and the ECS scope of the choice.
 *
 * Pure and allocation-free: no clock, no randomness of its own, no I/O, never throws. Health is not
 * consulted: the controller dropped what is unhealthy when it compiled the set.
 */
import type { Place } from '@signpost/contracts/place';
import type { SteeredRecordSet } from '@signpost/contracts/record-set';

/** What selection may know of a client: its ECS prefix if one was sent, else its address. */
export interface ClientView {
  readonly family: 4 | 6;
  /** 16 octets, of which IPv4 uses the first 4. Bits behind `sourceLength` are not looked at. */
  readonly address: Uint8Array;
  /** How many leading bits of the address are known: SOURCE PREFIX-LENGTH, or 32 / 128 without ECS. */
  readonly sourceLength: number;
  /** Looks the client up; called at most once per selection and only if a rule with geos is reached. */
  place(): Place;
}

/** A record set made ready for selection. Opaque; made once when a snapshot is built. */
export interface Steering {
  readonly nameHash: number;
}

/** Where `selectAnswer` writes; make one per thread with `createSelection` and reuse it. */
export interface Selection {
  /** Index into `SteeredRecordSet.groups`. */
  group: number;
  /** ECS SCOPE PREFIX-LENGTH: the longest prefix any step needed; 0 when none looked. May exceed the source length. */
  scope: number;
  /** How many of `answers` are set; 0 is NODATA. */
  count: number;
  /** Indexes into the group's `answers`, first drawn first. */
  readonly answers: Int32Array;
  /** Scratch of `selectAnswer`: what is drawn so far, by index. */
  readonly drawn: Int32Array;
}

export function createSelection(): Selection {
  return { group: 0, scope: 0, count: 0, answers: new Int32Array(64), drawn: new Int32Array(64) };
}

/** Builds the tables once. `ownerName` is the canonical text of the owner (lower case, no final dot). */
export function prepareSteering(_set: SteeredRecordSet, _ownerName: string): Steering {
  throw new Error('not written yet');
}

/**
 * @param draw uniform in [0, 1): decides among the answers of a `weighted` group.
 * @param turn a counter of the caller: where a `round_robin` group starts.
 */
export function selectAnswer(
  _steering: Steering,
  _client: ClientView,
  _draw: number,
  _turn: number,
  _selection: Selection,
): void {
  throw new Error('not written yet');
}
