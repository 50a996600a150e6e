/**
 * H13: holds the image that workers answer from, and the one under way. A change is written in place, and every worker
 * sees it with its next query; an image is made anew, beside the one in use, when everything is read again, when it is
 * full, and when more of it is gone than is there. Then the workers take the new one, and nobody holds the old one.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Generation } from '@signpost/contracts/brands';
import { parseRecordSetField } from '@signpost/contracts/keys';
import type { Publication } from '@signpost/contracts/publication';

import type { RecordSink, ZonePortion } from '../replica/record-sink.ts';
import { copyZones } from './copy-image.ts';
import { ImageFullError, MOST_IMAGE_OCTETS } from './image-space.ts';
import type { ImageMemory } from './layout.ts';
import { type BuildProblem, ImageWriter } from './write-image.ts';

export interface RecordImageOptions {
  /** Hands an image to all workers; resolves when each of them answers from it. */
  readonly publish: (memory: ImageMemory) => Promise<void>;
  /** Told of each record that cannot be served. */
  readonly onProblem: (problem: BuildProblem) => void;
  /** Other than the default in tests alone. */
  readonly room?: ImageRoom;
}

/** Octets of a first image, which cost nothing until they are written to, and of any. */
export interface ImageRoom {
  readonly first: number;
  readonly most: number;
}

interface Change {
  readonly publication: Publication;
  /** What of it cannot be served was told: done again, it is told no more. */
  isTold: boolean;
}

const DEFAULT_ROOM: ImageRoom = { first: 64 * 2 ** 20, most: MOST_IMAGE_OCTETS };
const GROWTH = 4;
/** Part of a first image's room that is always put up with for what is gone. */
const TOLERATED = 1 / 16;

export class RecordImage implements RecordSink {
  readonly #options: RecordImageOptions;
  readonly #room: ImageRoom;
  #current: ImageWriter;
  #underWay: ImageWriter;
  /** What was applied since a copy of the image in use was begun; undefined: none is under way. */
  #sinceCopy: Change[] | undefined;
  #copied: Promise<void> = Promise.resolve();
  #handedOver: Promise<void> = Promise.resolve();
  /** Of the step that is being done. */
  #problems: BuildProblem[] = [];

  constructor(options: RecordImageOptions) {
    this.#options = options;
    this.#room = options.room ?? DEFAULT_ROOM;
    this.#current = this.#newImage();
    this.#underWay = this.#newImage();
  }

  /** Octets of the image in use that were written to: what it takes of memory. */
  get octets(): number {
    return this.#current.space.used * Int32Array.BYTES_PER_ELEMENT;
  }

  async begin(): Promise<void> {
    this.#underWay = this.#newImage();
  }

  async addPortion({ apex, facts, recordSets }: ZonePortion): Promise<void> {
    this.#fill((image) => {
      for (const [field, set] of recordSets) {
        const { owner, type } = parseRecordSetField(field);
        image.put(apex, owner, type, set);
      }
      if (facts !== undefined) image.setFacts(apex, facts);
    });
  }

  async keepZones(apexes: readonly string[]): Promise<void> {
    await this.#settled();
    if (apexes.length > 0) this.#makeRoom(this.#current.space.used);
    this.#fill((image) => {
      for (const _ of copyZones(this.#current, image, apexes));
    });
  }

  async catchUp(publication: Publication): Promise<void> {
    this.#fill((image) => applyTo(image, publication));
  }

  async swap(_generation: Generation): Promise<void> {
    await this.#settled();
    this.#current = this.#underWay;
    this.#underWay = this.#newImage();
    await this.#options.publish(this.#current.memory);
  }

  async apply(publications: readonly Publication[]): Promise<void> {
    for (const publication of publications) await this.#apply({ publication, isTold: false });
    if (this.#sinceCopy === undefined && this.#isWasteful(this.#current)) this.#beginCopy([]);
  }

  /** Where there is no room left, by the next image, to which it is done again whole. */
  async #apply(change: Change): Promise<void> {
    this.#sinceCopy?.push(change);
    try {
      this.#do(this.#current, change);
    } catch (error) {
      if (!(error instanceof ImageFullError)) throw error;
      if (this.#sinceCopy === undefined) this.#beginCopy([change]);
      return this.#copied;
    }
    return this.#handedOver;
  }

  #beginCopy(since: Change[]): void {
    this.#sinceCopy = since;
    this.#copied = this.#copy(this.#current, since);
    this.#copied.catch(() => (this.#sinceCopy = undefined)); // it counts only for whoever waits for it
  }

  /** Beside the image in use, which goes on changing; what changed since is done to the copy as well. */
  async #copy(from: ImageWriter, since: readonly Change[]): Promise<void> {
    for (let octets = this.#roomFor(from); ; octets = this.#roomAfter(octets)) {
      const copy = this.#newImage(octets);
      try {
        for (const _ of copyZones(from, copy)) await nextTurn();
        for (const change of since) this.#do(copy, change);
      } catch (error) {
        if (error instanceof ImageFullError) continue;
        throw error;
      }
      // In the same turn: what is applied from now on is applied to the copy alone.
      this.#current = copy;
      this.#sinceCopy = undefined;
      this.#handedOver = this.#options.publish(copy.memory);
      return this.#handedOver;
    }
  }

  /** Until no copy is under way; one that failed was another's concern. */
  async #settled(): Promise<void> {
    await this.#copied.catch(() => {});
  }

  #do(image: ImageWriter, change: Change): void {
    this.#problems = [];
    applyTo(image, change.publication);
    if (!change.isTold) this.#tell();
    change.isTold = true;
  }

  /** Changes the image under way, in one that is larger if need be. */
  #fill(step: (image: ImageWriter) => void): void {
    for (;;) {
      this.#problems = [];
      try {
        step(this.#underWay);
        return this.#tell();
      } catch (error) {
        if (!(error instanceof ImageFullError)) throw error;
      }
      this.#enlarge();
    }
  }

  /** Nobody else has seen the image under way. */
  #enlarge(): void {
    this.#underWay.space.enlarge(this.#roomAfter(this.#underWay.memory.byteLength));
  }

  /** In the image under way, as far as an image may grow, so that a large step is not begun several times. */
  #makeRoom(words: number): void {
    const { space } = this.#underWay;
    while (space.free < words && space.memory.byteLength < this.#room.most) this.#enlarge();
  }

  #tell(): void {
    for (const problem of this.#problems) this.#options.onProblem(problem);
  }

  #newImage(octets: number = this.#room.first): ImageWriter {
    return new ImageWriter(octets, (problem) => this.#problems.push(problem));
  }

  /** Whether more is gone than there. */
  #isWasteful({ space, liveWords }: ImageWriter): boolean {
    const gone = space.used - liveWords;
    return gone - liveWords > (this.#room.first * TOLERATED) / Int32Array.BYTES_PER_ELEMENT;
  }

  /** Twice what is there. */
  #roomFor(image: ImageWriter): number {
    const live = image.liveWords * Int32Array.BYTES_PER_ELEMENT;
    return Math.min(this.#room.most, Math.max(this.#room.first, 2 * live));
  }

  /** Throws ImageFullError. */
  #roomAfter(octets: number): number {
    const { most } = this.#room;
    if (octets >= most) {
      const mebibytes = Math.ceil(most / 2 ** 20);
      throw new ImageFullError(
        `the records take more than ${mebibytes} MiB, which is as much as an authority holds: serve fewer, or divide the zones among several`,
      );
    }
    return Math.min(most, octets * GROWTH);
  }
}

/** What goes, last: a name whose alias becomes addresses is never without both. */
function applyTo(image: ImageWriter, { changes, zones }: Publication): void {
  for (const { zone, owner, type, after } of changes) if (after !== null) image.put(zone, owner, type, after);
  for (const { zone, owner, type, after } of changes) if (after === null) image.put(zone, owner, type, null);
  for (const [apex, facts] of Object.entries(zones)) {
    if (facts === null) image.removeZone(apex);
    else image.setFacts(apex, facts);
  }
}
