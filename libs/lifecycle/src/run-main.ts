/**
 * The edge of a process: an operator's mistake is one line each and exit code 2; anything else is ours, shows its
 * whole cause chain, and is exit code 1. A clean stop is 0.
 */
import { ConfigError } from '@signpost/config/config-error';

export async function runMain(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    process.exitCode = error instanceof ConfigError ? 2 : 1;
    process.stderr.write(`${describeFailure(error)}\n`);
  }
}

/** For a person: the problems of a configuration, or message and causes with the first one's stack. */
export function describeFailure(error: unknown): string {
  if (error instanceof ConfigError)
    return error.problems.map((problem) => `configuration: ${problem}`).join('\n');
  if (!(error instanceof Error)) return `failed: ${String(error)}`;
  const causes: string[] = [];
  for (let cause = error.cause; cause instanceof Error && causes.length < 8; cause = cause.cause) {
    causes.push(`caused by: ${cause.message}`);
  }
  return [error.stack ?? error.message, ...causes].join('\n');
}
