/** Where what is measured runs: servers on one core, the load on another, so that neither waits for the other. */
import { availableParallelism } from 'node:os';

import { findOnPath } from '@signpost/testkit/server-source';

export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

/** Goes before a command. Throws where there are not two cores or no `taskset`. */
export function pinnedTo(cores: string | number): readonly string[] {
  const taskset = findOnPath('taskset', process.env);
  if (taskset === undefined) throw new Error('taskset is missing: install util-linux');
  if (availableParallelism() < 2) throw new Error('this needs two cores: one for servers, one for the load');
  return [taskset, '-c', String(cores)];
}
