/** Runs deploy/make-secrets.sh into a directory that is removed at the end. For tests of what the containers are given. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface MadeSecrets extends Disposable {
  readonly directory: string;
  /** Content of a file such as `controller/nats-password`. */
  read(file: string): string;
  /** Runs the script again; its standard output. Throws when it fails. */
  run(...args: string[]): string;
}

export function makeSecrets(): MadeSecrets {
  const directory = mkdtempSync(join(tmpdir(), 'signpost-secrets-'));
  const run = (...args: string[]): string => {
    const env = { PATH: process.env['PATH'], SIGNPOST_SECRETS: directory };
    const { status, stdout, stderr } = spawnSync('deploy/make-secrets.sh', args, { env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`make-secrets.sh ${args.join(' ')}: ${status} ${stderr}`);
    return stdout;
  };
  run();
  return {
    directory,
    read: (file) => readFileSync(join(directory, file), 'utf8'),
    run,
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  };
}
