/**
 * Makes and lifts overrides in the bucket `signpost_overrides`, by compare-and-set; any controller does it, and the
 * leader acts on what it then sees there. Every function rejects with `MessagingError` when NATS is away.
 */
import { matchProblem, matchTargets, type MatchableNouns } from '@signpost/config/match-targets';
import { decodeJson, encodeJson } from '@signpost/contracts/decode';
import { MessagingError, type Bucket } from '@signpost/contracts/messaging';
import {
  LONGEST_OVERRIDE_MS,
  storedOverrideSchema,
  type Lifted,
  type Override,
  type OverrideRequest,
  type StoredOverride,
} from '@signpost/contracts/override';

import { hasEnded } from './overrides-at.ts';

export interface ChangeContext {
  readonly bucket: Bucket;
  readonly nouns: MatchableNouns;
  /** Wall clock. */
  readonly nowMs: number;
  readonly newId: () => string;
}

export type MakeOutcome =
  | { readonly kind: 'made'; readonly override: Override; readonly targets: readonly string[] }
  | { readonly kind: 'refused'; readonly reason: string };

/** What is in the bucket at a time; a person makes a handful. */
const MOST_OVERRIDES = 5_000;
const ATTEMPTS = 5;

/** One of the same match and source is replaced: it does not come back when the new one ends. */
export async function makeOverride(request: OverrideRequest, context: ChangeContext): Promise<MakeOutcome> {
  const { bucket, nouns, nowMs } = context;
  const { match, set, by, reason, source } = request;
  const untilMs = endOf(request, nowMs);
  if (typeof untilMs === 'string') return { kind: 'refused', reason: untilMs };
  const problem = matchProblem(match, nouns);
  if (problem !== undefined) return { kind: 'refused', reason: problem };
  const present = await readOverrides(bucket);
  if (present.length >= MOST_OVERRIDES) {
    return { kind: 'refused', reason: `there are ${MOST_OVERRIDES} overrides already; lift some first` };
  }
  // Later than all that are there, though it be the same millisecond or the clock of another controller be ahead.
  const sinceMs = Math.max(Math.floor(nowMs), ...present.map((old) => old.sinceMs + 1));
  const override = await create({ match, set, by, reason, source, sinceMs, untilMs }, context);
  for (const old of present) {
    if (old.match !== match || old.source !== source) continue;
    await lift(bucket, old.id, { by, reason: `replaced by ${override.id}`, atMs: Math.floor(nowMs) });
  }
  return { kind: 'made', override, targets: matchTargets(match, nouns) };
}

/** The override as it was; undefined: there is none of this id that has not ended. */
export async function lift(bucket: Bucket, id: string, lifted: Lifted): Promise<Override | undefined> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const entry = await bucket.get(id);
    const decoded = entry && decodeJson(storedOverrideSchema, entry.value);
    if (entry === undefined || decoded?.ok !== true || hasEnded(decoded.value, lifted.atMs)) return undefined;
    const outcome = await bucket.update(id, encodeJson({ ...decoded.value, lifted }), entry.revision);
    if (outcome.kind === 'written') return decoded.value;
  }
  throw new MessagingError(`override ${id} changes under our hands`);
}

/** Lifts what overrides nothing but targets of `match`: a wider one is for whoever made it. */
export async function liftMatching(
  match: string,
  lifted: Lifted,
  { bucket, nouns }: Pick<ChangeContext, 'bucket' | 'nouns'>,
): Promise<readonly Override[]> {
  const meant = new Set(matchTargets(match, nouns));
  const found: Override[] = [];
  for (const { id, match: other } of await readOverrides(bucket)) {
    const targets = matchTargets(other, nouns);
    const isMeant = targets.length === 0 ? other === match : targets.every((target) => meant.has(target));
    const was = isMeant ? await lift(bucket, id, lifted) : undefined;
    if (was !== undefined) found.push(was);
  }
  return found;
}

async function readOverrides(bucket: Bucket): Promise<readonly StoredOverride[]> {
  const found: StoredOverride[] = [];
  for (const key of await bucket.keys()) {
    const entry = await bucket.get(key);
    const decoded = entry && decodeJson(storedOverrideSchema, entry.value);
    if (decoded?.ok === true) found.push(decoded.value);
  }
  return found;
}

async function create(
  fields: Omit<Override, 'id'>,
  { bucket, newId }: Pick<ChangeContext, 'bucket' | 'newId'>,
): Promise<Override> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const override = { id: newId(), ...fields };
    if ((await bucket.create(override.id, encodeJson(override))).kind === 'written') return override;
  }
  throw new MessagingError('no free id for an override was found');
}

/** Wall clock, or what is wrong with the end. */
function endOf({ for: lasting, until }: OverrideRequest, nowMs: number): number | string {
  if ((lasting === undefined) === (until === undefined)) {
    return 'an override needs an end: give either "for", such as 2h, or "until"';
  }
  const untilMs = until === undefined ? Math.floor(nowMs + lasting!) : Date.parse(until);
  if (untilMs <= nowMs) return 'it would end before it begins';
  if (untilMs - nowMs > LONGEST_OVERRIDE_MS) return 'it may last 366 days at most';
  return untilMs;
}
