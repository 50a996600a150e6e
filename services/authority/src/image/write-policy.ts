/**
 * The policies of an image: what steered record sets have in common is written once, however many names have it, and
 * found again by its octets. One that no name has any more counts as gone, and stays until the image is written anew.
 */
import { NO_SLOT } from '../count/target-times.ts';
import { buildPolicy } from '../replica/build-rrset.ts';
import type { PolicySource } from '../replica/zone.ts';
import { type ImageSpace, SlotTable } from './image-space.ts';
import { Header, PolicyEntry, wordsFor } from './layout.ts';

export class PolicyWriter {
  readonly #space: ImageSpace;
  readonly #slots: SlotTable;
  readonly #encoder = new TextEncoder();
  #count = 0;
  /** Of those that record sets have. */
  words = 0;

  constructor(space: ImageSpace) {
    this.#space = space;
    this.#slots = new SlotTable(space, Header.policies, (entry) => space.words[entry + PolicyEntry.hash]!);
  }

  /** Index of the policy of this record set. Throws what `buildPolicy` throws, or ImageFullError. */
  put(set: PolicySource): number {
    const octets = this.#encoder.encode(policyText(set));
    const known = this.#find(octets);
    if (known !== 0) return known;
    buildPolicy(set, () => NO_SLOT); // as each reader will
    return this.#write(octets);
  }

  /** A policy of another image. */
  putOctets(octets: Uint8Array): number {
    return this.#find(octets) || this.#write(octets);
  }

  /** One record set more has it. */
  hold(entry: number): void {
    const { words } = this.#space;
    words[entry + PolicyEntry.holders]! += 1;
    if (words[entry + PolicyEntry.holders] === 1) this.words += this.#wordsOf(entry);
  }

  /** One less. */
  release(entry: number): void {
    const { words } = this.#space;
    words[entry + PolicyEntry.holders]! -= 1;
    if (words[entry + PolicyEntry.holders] === 0) this.words -= this.#wordsOf(entry);
  }

  #wordsOf(entry: number): number {
    return PolicyEntry.octets + wordsFor(this.#space.words[entry + PolicyEntry.length]!);
  }

  numberOf(entry: number): number {
    return this.#space.words[entry + PolicyEntry.number]!;
  }

  octetsOf(entry: number): Uint8Array {
    const start = (entry + PolicyEntry.octets) * 4;
    return this.#space.octets.subarray(start, start + this.#space.words[entry + PolicyEntry.length]!);
  }

  #find(octets: Uint8Array): number {
    const hash = hashOctets(octets);
    const slot = this.#slots.find(hash, (entry) => Buffer.compare(this.octetsOf(entry), octets) === 0);
    return slot < 0 ? 0 : this.#slots.entryAt(slot);
  }

  #write(octets: Uint8Array): number {
    const { words } = this.#space;
    const taken = PolicyEntry.octets + wordsFor(octets.length);
    this.#slots.prepare(1);
    const entry = this.#space.take(taken);
    words[entry + PolicyEntry.hash] = hashOctets(octets);
    words[entry + PolicyEntry.number] = this.#count;
    words[entry + PolicyEntry.length] = octets.length;
    this.#space.octets.set(octets, (entry + PolicyEntry.octets) * 4);
    this.#count += 1;
    this.#slots.insert(entry);
    return entry;
  }
}

/** Without what differs from name to name: TTL and seed. */
function policyText({ policy, rules, branches, groups, views }: PolicySource): string {
  return JSON.stringify({ policy, rules, branches, groups, ...(views !== undefined && { views }) });
}

function hashOctets(octets: Uint8Array): number {
  let hash = octets.length;
  for (let i = 0; i < octets.length; i += 1) hash = (Math.imul(hash, 31) + octets[i]!) | 0;
  return hash ^ (hash >>> 15);
}
