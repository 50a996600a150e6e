/**
 * Our authority as its users run it: a process of its own that reads a store. All settings are the defaults, but for
 * where it listens and how many workers it has.
 */
import { join } from 'node:path';

import { startGuardedProcess } from '@signpost/testkit/guarded-process';
import { repositoryRoot } from '@signpost/testkit/start-process';

import type { RunningServer } from './start-peer.ts';

export interface AuthorityStart {
  /** Of Redis. */
  readonly url: string;
  readonly workers: number;
  /** Absent: as it chooses itself. */
  readonly udp?: 'dgram';
  /** Goes before the command. */
  readonly enter?: readonly string[];
  /** For Node, before the file. */
  readonly flags?: readonly string[];
}

export interface RunningAuthority extends RunningServer {
  /** All that it printed. */
  readonly lines: readonly string[];
}

/** A million record sets take a while. */
const READY_WITHIN_MS = 300_000;

export async function startAuthority(start: AuthorityStart): Promise<RunningAuthority> {
  const { url, workers, udp, enter = [], flags = [] } = start;
  const main = join(repositoryRoot, 'services/authority/src/main.ts');
  const [file, ...args] = [...enter, process.execPath, ...flags, main];
  const started = await startGuardedProcess(file, args, {
    env: {
      PATH: process.env['PATH'],
      SIGNPOST_REDIS_URL: url,
      SIGNPOST_DNS_LISTEN: '127.0.0.1:0',
      SIGNPOST_ADMIN_LISTEN: '127.0.0.1:0',
      SIGNPOST_WORKERS: String(workers),
      SIGNPOST_LAMEDUCK: '0s',
      ...(udp !== undefined && { SIGNPOST_UDP: udp }),
    },
  });
  try {
    const [, port] = await started.waitForLine(/"listens":\["127\.0\.0\.1:(\d+)"/, READY_WITHIN_MS);
    const stop = async () => void (await started.stop());
    return { pid: started.pid, port: Number(port), lines: started.lines, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await started.stop();
    throw error;
  }
}
