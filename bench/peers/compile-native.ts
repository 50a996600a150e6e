/** Compiles a C program of `../native` into a directory of the caller's. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { findOnPath } from '@signpost/testkit/server-source';

const run = promisify(execFile);

/** The path of the program. Throws when there is no compiler, or with what it said. */
export async function compileNative(name: 'dns-load' | 'udp-echo', directory: string): Promise<string> {
  const compiler = findOnPath('cc', process.env);
  if (compiler === undefined)
    throw new Error('the load generator is compiled here: install gcc and libc6-dev');
  const source = join(import.meta.dirname, `../native/${name}.c`);
  const program = join(directory, name);
  await run(compiler, ['-O2', '-Wall', '-o', program, source, '-lm']);
  return program;
}
