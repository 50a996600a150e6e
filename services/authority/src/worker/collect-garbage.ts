/**
 * When V8 looks for what nobody holds any more: where we know that much was left behind, and not by habit. It does not
 * count shared memory, so a thread that allocates next to nothing would keep an image that was replaced for hours. There
 * is no other way to give shared memory back.
 */
import { Session } from 'node:inspector/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/** Some times what a worker keeps. */
const OLD_SPACE_MB = 64;

/**
 * For threads that start from now on, and in part for this one. V8 would collect everything each time that a young heap has doubled, and
 * once more 100 s after it last did, to see whether something can be given back: where much is left behind, we do that.
 */
export function collectSeldom(): void {
  setFlagsFromString(`--initial-old-space-size=${OLD_SPACE_MB}`);
  setFlagsFromString('--memory-reducer-gc-count=0');
}

/** As short as it can be, for threads that answer: some milliseconds. */
export function collectGarbage(): void {
  collect ??= exposed();
  collect();
}

/** For the thread that read everything, which left much behind: gives free pages back to the system too, and takes longer. */
export async function releaseMemory(): Promise<void> {
  const session = new Session();
  session.connect();
  await session.post('HeapProfiler.collectGarbage');
  session.disconnect();
}

/** The flag counts for contexts that are made after it was set, so no other code sees it. */
function exposed(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
