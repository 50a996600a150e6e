/**
 * Starts the `signpost` command as its users do, as a process of its own, and
 * reads what it prints. It must not reach into the services.
 */
import { join } from 'node:path';

import { startGuardedProcess, type GuardedProcess } from './guarded-process.ts';

export const repositoryRoot = join(import.meta.dirname, '../../..');

export interface SignpostProcess extends GuardedProcess, AsyncDisposable {
  /** SIGKILL: what a crash or the out-of-memory killer does. */
  kill(): Promise<void>;
}

export interface SignpostProcessOptions {
  readonly cwd?: string;
  /** Goes before the command, and must become it: to run it in another network namespace. */
  readonly enter?: readonly string[];
}

/**
 * `env` is the whole environment but for PATH, HOME, TMPDIR and the compile
 * cache, so that a developer's own SIGNPOST_* variables change no test.
 */
export async function startSignpost(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  { cwd = repositoryRoot, enter = [] }: SignpostProcessOptions = {},
): Promise<SignpostProcess> {
  const bin = join(repositoryRoot, 'cli/bin/signpost.js');
  const [command, ...rest] = [...enter, process.execPath, bin, ...args];
  const started = await startGuardedProcess(command!, rest, { cwd, env: { ...plainEnv(), ...env } });
  const kill = async () => {
    started.signal('SIGKILL');
    await started.waitForEnd();
  };
  // Spreading would turn the getter `isRunning` into a value.
  return Object.assign(started, { kill, [Symbol.asyncDispose]: kill });
}

function plainEnv(): NodeJS.ProcessEnv {
  const names = ['PATH', 'HOME', 'TMPDIR', 'NODE_COMPILE_CACHE'];
  return Object.fromEntries(
    names.map((name) => [name, process.env[name]]).filter(([, value]) => value !== undefined),
  );
}
