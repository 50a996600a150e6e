/**
 * Our authority as its users run it: the process, fed by a real Redis that the real writer has filled, while somebody
 * ticks as a controller does. All settings are the defaults, but for where it listens and how many workers it has.
 */
import { join } from 'node:path';

import type { Publication } from '@signpost/contracts/publication';
import { openRecordWriter, type RedisRecordWriter } from '@signpost/redis/record-writer';
import { startGuardedProcess } from '@signpost/testkit/guarded-process';
import { repositoryRoot } from '@signpost/testkit/start-process';
import { startRedis } from '@signpost/testkit/start-redis';

import type { RunningServer } from './start-peer.ts';

export interface AuthorityStart {
  readonly publications: Iterable<Publication>;
  readonly workers: number;
  /** Goes before the command. */
  readonly enter: readonly string[];
  /** For Node, before the file. */
  readonly flags?: readonly string[];
}

export interface RunningAuthority extends RunningServer {
  readonly writer: RedisRecordWriter;
  readonly lines: readonly string[];
}

export const WRITER_TOKEN = { createdAtMs: 1, revision: 1 };
const TICK_EVERY_MS = 1_000;
/** A million record sets take a while. */
const READY_WITHIN_MS = 300_000;

export async function startAuthority({
  publications,
  workers,
  enter,
  flags = [],
}: AuthorityStart): Promise<RunningAuthority> {
  await using opening = new AsyncDisposableStack();
  const redis = opening.use(await startRedis({ args: ['--appendonly', 'no'] }));
  const writer = opening.use(openRecordWriter({ url: redis.url, name: 'bench' }));
  for (const publication of publications) {
    const outcome = await writer.publish(publication, WRITER_TOKEN);
    if (outcome.kind !== 'published') throw new Error(`the store refused a publication: ${outcome.kind}`);
  }
  const tick = () => writer.tick(Date.now(), WRITER_TOKEN).catch(() => undefined); // the store may be gone at the end
  await tick();
  const ticking = setInterval(() => void tick(), TICK_EVERY_MS);
  opening.defer(() => clearInterval(ticking));

  const command = [
    ...enter,
    process.execPath,
    ...flags,
    join(repositoryRoot, 'services/authority/src/main.ts'),
  ];
  const started = await startGuardedProcess(command[0]!, command.slice(1), {
    env: {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      SIGNPOST_REDIS_URL: redis.url,
      SIGNPOST_DNS_LISTEN: '127.0.0.1:0',
      SIGNPOST_ADMIN_LISTEN: '127.0.0.1:0',
      SIGNPOST_WORKERS: String(workers),
      SIGNPOST_LAMEDUCK: '0s',
    },
  });
  opening.defer(async () => void (await started.stop()));
  const [, port] = await started.waitForLine(/"listens":\["127\.0\.0\.1:(\d+)"/, READY_WITHIN_MS);
  const open = opening.move();
  return {
    pid: started.pid,
    port: Number(port),
    writer,
    lines: started.lines,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
