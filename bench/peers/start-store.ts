/** A real Redis that the real writer has filled, and somebody who ticks as a controller does. */
import type { Publication } from '@signpost/contracts/publication';
import { openRecordWriter, type RedisRecordWriter } from '@signpost/redis/record-writer';
import { startRedis } from '@signpost/testkit/start-redis';

export interface FilledStore extends AsyncDisposable {
  readonly url: string;
  readonly writer: RedisRecordWriter;
}

export const WRITER_TOKEN = { createdAtMs: 1, revision: 1 };
const TICK_EVERY_MS = 1_000;

export async function startStore(publications: Iterable<Publication>): Promise<FilledStore> {
  await using opening = new AsyncDisposableStack();
  const redis = opening.use(await startRedis({ args: ['--appendonly', 'no'] }));
  const writer = opening.use(openRecordWriter({ url: redis.url, name: 'bench' }));
  for (const publication of publications) await publish(writer, publication);
  const tick = () => writer.tick(Date.now(), WRITER_TOKEN).catch(() => undefined); // the store may be gone at the end
  await tick();
  const ticking = setInterval(() => void tick(), TICK_EVERY_MS);
  opening.defer(() => clearInterval(ticking));
  const open = opening.move();
  return { url: redis.url, writer, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

export async function publish(writer: RedisRecordWriter, publication: Publication): Promise<void> {
  const outcome = await writer.publish(publication, WRITER_TOKEN);
  if (outcome.kind !== 'published') throw new Error(`the store refused a publication: ${outcome.kind}`);
}
