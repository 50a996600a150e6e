/**
 * What decides a selection besides the client: the name asked for, whose turn it is, and chance.
 * Hot path but for `createChance` and `seedOf`: no allocation, no throw.
 */
import type { SteeredRecordSet } from '@signpost/contracts/record-set';

import { mix, stickySeed } from './sticky-draw.ts';

/** Overwritten before each selection; make one per thread with `createChance` and reuse it. */
export interface Chance {
  /** By `seedOf`: signed 32 bits. */
  seed: number;
  /** A whole number, counted up by the caller: where a round robin starts. */
  turn: number;
  /**
   * One number, uniform in [0, 1), read only where a weighted group is drawn from. In memory of its own, since V8 makes
   * an object of each fraction that is handed on.
   */
  readonly draw: Float64Array;
}

export function createChance(seed = 0, draw = 0, turn = 0): Chance {
  return { seed, turn, draw: Float64Array.of(draw) };
}

/** What makes a record set's choices its own. `ownerName` is canonical text: lower case, no final dot. */
export function seedOf({ seed }: Pick<SteeredRecordSet, 'seed'>, ownerName: string): number {
  return stickySeed(seed ?? ownerName);
}

/**
 * A uniform draw as a whole point in [0, total), for the answer that is drawn as number `index`. Whole numbers alone
 * are handed from function to function here, so that V8 makes no object even where it inlines none of them.
 */
export function drawnPoint(draw: Float64Array, index: number, total: number): number {
  const share = index === 0 ? draw[0]! : (furtherBits(draw, index) >>> 0) / 0x1_0000_0000;
  return Math.min(Math.floor(share * total), total - 1);
}

/** A draw that looks independent of `draw` and of the others made from it, from all its 53 bits. */
export function furtherDraw(draw: Float64Array, index: number): number {
  return (furtherBits(draw, index) >>> 0) / 0x1_0000_0000;
}

/** Signed, since V8 keeps larger numbers as objects. */
function furtherBits(draw: Float64Array, index: number): number {
  const scaled = draw[0]! * 0x1_0000_0000;
  const high = Math.floor(scaled);
  const low = Math.floor((scaled - high) * 0x1_0000_0000);
  return mix(mix(high ^ Math.imul(index, 0x9e3779b9)) ^ low) | 0;
}
