/**
 * Compiles the addon with the C compiler that is here, into `libs/udp/build/`. Plain JavaScript, since the old Node of
 * a system may run `npm ci`. It downloads nothing. Where there is no compiler, or it fails, it says so in one line and
 * ends with 0: UDP then goes through `node:dgram`.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = dirname(fileURLToPath(import.meta.url));
const OUTPUT = join(SOURCES, '..', 'build', 'udp.node');
const COMPILERS = ['cc', 'gcc', 'clang'];
/** By `-z now` what Node lacks is found when the addon is loaded, not when it is used. */
const FLAGS =
  '-std=c11 -D_GNU_SOURCE -DNAPI_VERSION=8 -O2 -Wall -Wextra -fPIC -fvisibility=hidden -shared -Wl,-z,now';

const problem = build();
if (problem !== undefined) rmSync(OUTPUT, { force: true }); // an old one would be taken for this one
process.stdout.write(
  problem === undefined
    ? 'signpost: UDP in batches is built\n'
    : `signpost: UDP in batches is not built, node:dgram serves: ${problem}\n`,
);

/** What was in the way; undefined: it is built. */
function build() {
  if (process.platform !== 'linux') return `it is for Linux, this is ${process.platform}`;
  const include = headers();
  if (include === undefined) return 'the package node-api-headers is not installed';
  const compiler = COMPILERS.find((name) => run(name, ['--version']) === undefined);
  if (compiler === undefined)
    return `no C compiler is here (${COMPILERS.join(', ')}): install gcc and libc6-dev`;
  mkdirSync(dirname(OUTPUT), { recursive: true });
  const sources = readdirSync(SOURCES).filter((name) => name.endsWith('.c'));
  // In one step, so that nobody loads half of it.
  const unfinished = `${OUTPUT}.${process.pid}`;
  const failure = run(compiler, [...FLAGS.split(' '), '-I', include, '-o', unfinished, ...sources]);
  if (failure === undefined) renameSync(unfinished, OUTPUT);
  rmSync(unfinished, { force: true });
  return failure;
}

function headers() {
  try {
    return createRequire(import.meta.url)('node-api-headers').include_dir;
  } catch {
    return undefined;
  }
}

/** The first line of what it says if it fails. */
function run(command, args) {
  const { status, error, stderr } = spawnSync(command, args, { cwd: SOURCES, encoding: 'utf8' });
  if (error !== undefined) return error.message;
  if (status === 0) return undefined;
  return stderr.split('\n').find((line) => line.includes('error')) ?? `${command} ended with ${status}`;
}
