/**
 * Has V8 look for what nobody holds any more in this thread. It does not count shared memory, so a thread that allocates
 * next to nothing would keep an image that was replaced for hours. There is no other way to give shared memory back.
 */
import { Session } from 'node:inspector/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

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
