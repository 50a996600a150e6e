/** Entries of the change stream to publications. The id of an entry is its generation. Pure. */
import { keys } from '@signpost/contracts/keys';
import { publicationSchema } from '@signpost/contracts/publication';
import { StoreError, type PositionedPublication } from '@signpost/contracts/record-store';
import { decodeStored } from '@signpost/contracts/stored-value';

/** As Redis gives it: id, and names and values in turn. */
export type StreamEntry = readonly [id: string, fields: readonly string[]];

/** Before every entry. */
export const FEED_START = '0-0';

/** Entries read in one go. */
export const ENTRIES_PER_READ = 100;

export function decodeEntry([id, fields]: StreamEntry): PositionedPublication {
  const place = `${keys.changes} ${id}`;
  const text = fields[0] === 'publication' ? fields[1] : undefined;
  if (text === undefined) throw new StoreError(`${place}: holds no publication`);
  return { position: id, publication: decodeStored(publicationSchema, text, place) };
}
