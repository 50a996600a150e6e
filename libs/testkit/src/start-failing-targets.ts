/**
 * Starts failing-targets.ts: many targets in one process, which fail as they are told, each on an address of its own,
 * and all at once when the process is stopped. For targets that record what reached them see start-target.ts.
 */
import { join } from 'node:path';

import { startGuardedProcess } from './guarded-process.ts';
import type { TestCertificates } from './test-certificates.ts';

export type TargetFailure =
  /** Answers 200 and a text in which `WELL_BODY` stands. */
  | 'well'
  /** Listens no more. */
  | 'refuse'
  /** Accepts and resets. */
  | 'reset'
  | 'status-500'
  /** Every fifth request of all it gets, whoever asks. */
  | 'each-fifth-500'
  /** 200, but without `WELL_BODY`. */
  | 'wrong-body'
  /** Shows the expired certificate. */
  | 'expired';

export const WELL_BODY = 'all is well';

export interface FailingTargetsStart {
  /** Of 127.0.0.0/8. */
  readonly addresses: readonly string[];
  /** The same for all of them. */
  readonly port: number;
  /** With them the targets speak https. */
  readonly certificates?: Readonly<Record<'valid' | 'expired', Pick<TestCertificates, 'cert' | 'key'>>>;
}

export interface FailingTargets extends AsyncDisposable {
  behave(address: string, failure: TargetFailure): void;
  /** Stops the process: its sockets still accept, and nobody answers. */
  freeze(): void;
  thaw(): void;
}

/** `enter` goes before the command, e.g. to run it in another network namespace. */
export async function startFailingTargets(
  start: FailingTargetsStart,
  enter: readonly string[] = [],
): Promise<FailingTargets> {
  const file = join(import.meta.dirname, 'failing-targets.ts');
  const [command, ...args] = [...enter, process.execPath, file];
  const started = await startGuardedProcess(command, args);
  started.write(`${JSON.stringify(start)}\n`);
  await started.waitForLine(/^ready$/, 30_000);
  return {
    behave: (address, failure) => started.write(`${address} ${failure}\n`),
    freeze: () => started.signal('SIGSTOP'),
    thaw: () => started.signal('SIGCONT'),
    [Symbol.asyncDispose]: async () => void (await started.stop()),
  };
}
