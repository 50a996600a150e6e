/**
 * Puts changed standings of vantages into the bucket `signpost_verdicts`, beside the verdicts, for the next leader
 * and for the event that tells of them. By compare-and-set: what another controller wrote meanwhile is taken over,
 * and judged anew in the next round.
 */
import { decodeJson, encodeJson } from '@signpost/contracts/decode';
import type { Bucket } from '@signpost/contracts/messaging';
import { UNHEARD, vantageKey, vantageStandingSchema } from '@signpost/contracts/vantage-standing';

import type { ControllerState, StoredStanding } from './controller-state.ts';

/** Rejects with `MessagingError` when NATS is away. */
export async function storeStandings(
  { vantages, storedStandings }: Pick<ControllerState, 'vantages' | 'storedStandings'>,
  bucket: Bucket,
): Promise<ControllerState['storedStandings']> {
  const next = new Map(storedStandings);
  for (const [vantage, { standing }] of vantages) {
    const stored = storedStandings.get(vantage);
    if ((stored?.standing ?? UNHEARD).state === standing.state) continue;
    const value = encodeJson(standing);
    const key = vantageKey(vantage);
    const outcome =
      stored === undefined
        ? await bucket.create(key, value)
        : await bucket.update(key, value, stored.revision);
    if (outcome.kind === 'written') next.set(vantage, { standing, revision: outcome.revision });
    else set(next, vantage, await readStanding(bucket, key));
  }
  return next;
}

/** Undefined when there is none; what cannot be read is removed. */
async function readStanding(bucket: Bucket, key: string): Promise<StoredStanding | undefined> {
  const entry = await bucket.get(key);
  if (entry === undefined) return undefined;
  const decoded = decodeJson(vantageStandingSchema, entry.value);
  if (decoded.ok) return { standing: decoded.value, revision: entry.revision };
  await bucket.delete(key);
  return undefined;
}

function set(standings: Map<string, StoredStanding>, vantage: string, stored: StoredStanding | undefined) {
  if (stored === undefined) standings.delete(vantage);
  else standings.set(vantage, stored);
}
