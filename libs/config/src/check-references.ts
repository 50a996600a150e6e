/**
 * What the shape of a configuration cannot say: references between nouns, and rules of the DNS.
 * Pure; finds all mistakes in one run, each with the path of the offending value.
 */
import type { Configuration } from '@signpost/contracts/configuration';

export interface ReferenceMistake {
  readonly path: (string | number)[];
  /** What is wrong and the remedy. */
  readonly message: string;
}

export function checkReferences(_configuration: Configuration): ReferenceMistake[] {
  throw new Error('not written yet');
}
