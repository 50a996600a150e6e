/**
 * H9 and H10: verdicts -> record sets -> what differs from the store -> publications, one after the other.
 * Only the leader calls it, with its token; the store itself refuses a writer that is behind.
 */
import type { Generation } from '@signpost/contracts/brands';
import type { Publication } from '@signpost/contracts/publication';
import type { FencingToken, RecordWriter, StoredRecords } from '@signpost/contracts/record-store';

import type { LoadView } from '@signpost/policy/load-view';
import type { OverrideView } from '@signpost/policy/override-view';
import type { ShareView } from '@signpost/policy/share-view';

import { compileZones } from '../compile/compile-zone.ts';
import { diffZones } from '../compile/diff-zone.ts';
import { regionalHealth } from '../compile/regional-health.ts';
import { applyPublication, splitPublication } from '../compile/split-publication.ts';
import type { HeldView } from '../guard/held-view.ts';
import type { Topology } from '../topology/topology.ts';
import { healthView, type ControllerState } from './controller-state.ts';

export interface PublishOptions {
  readonly writer: RecordWriter;
  readonly token: FencingToken;
  readonly wallMs: number;
  readonly overrides: OverrideView;
  /** What guards hold. */
  readonly held: HeldView;
  readonly load: LoadView;
  /** How clients spread. */
  readonly shares: ShareView;
  readonly why: readonly string[];
  readonly serials: ReadonlyMap<string, number>;
  readonly newest: Generation;
  /** Whether we may act; asked before each publication. */
  readonly mayAct: () => boolean;
  /** Told of each publication once the store has it. */
  readonly onPublished: (publication: Publication, after: StoredRecords) => void;
}

export type PublishRecordsOutcome =
  | { readonly kind: 'settled' }
  /** The lease ended meanwhile. */
  | { readonly kind: 'stopped' }
  | { readonly kind: 'fenced'; readonly by: FencingToken }
  | { readonly kind: 'base_mismatch'; readonly stored: Generation };

/** Rejects with `StoreError` when the store is away: then it is not known whether the last publication was taken. */
export async function publishRecords(
  topology: Topology,
  verdicts: ControllerState['verdicts'],
  records: StoredRecords,
  options: PublishOptions,
): Promise<PublishRecordsOutcome> {
  const { writer, token, wallMs, serials, newest } = options;
  const { overrides, held, load, shares } = options;
  const health = regionalHealth(healthView(verdicts), verdicts, topology.configuration);
  const compiled = compileZones(topology, health, { overrides, nowMs: wallMs, held, load, shares });
  const diffs = diffZones(records.zones, compiled, { wallMs, serials });
  const frame = { base: records.generation, newest, atMs: wallMs, why: bounded(options.why) };
  let stored = records;
  for (const publication of splitPublication(diffs, frame)) {
    if (!options.mayAct()) return { kind: 'stopped' };
    const outcome = await writer.publish(publication, token);
    if (outcome.kind !== 'published') return outcome;
    stored = applyPublication(stored, publication);
    options.onPublished(publication, stored);
  }
  return { kind: 'settled' };
}

const MAX_WHY = 50;

/** Reasons are for people: a first screen of them, and how many more there are. */
function bounded(why: readonly string[]): string[] {
  const lines = why.slice(0, MAX_WHY).map((line) => line.slice(0, 1024));
  return why.length > MAX_WHY ? [...lines, `and ${why.length - MAX_WHY} more`] : lines;
}
