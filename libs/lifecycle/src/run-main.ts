/**
 * The edge of a process: an operator's mistake is one line each and exit code 2; an address that cannot be listened on
 * is one line and exit code 1; anything else is ours, shows its whole cause chain, and is exit code 1. A clean stop is 0.
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

/** Where the address, not the code, is to be looked at: taken, not of this host, or not allowed. */
const LISTEN_CODES: ReadonlySet<unknown> = new Set([
  'SIGNPOST_LISTEN',
  'EADDRINUSE',
  'EADDRNOTAVAIL',
  'EACCES',
  'EAFNOSUPPORT',
]);

/** For a person: the problems of a configuration, or message and causes, with the stack where the mistake is ours. */
export function describeFailure(error: unknown): string {
  if (error instanceof ConfigError)
    return error.problems.map((problem) => `configuration: ${problem}`).join('\n');
  if (!(error instanceof Error)) return `failed: ${String(error)}`;
  const chain: Error[] = [error];
  for (let { cause } = error; cause instanceof Error && chain.length < 8; { cause } = cause)
    chain.push(cause);
  const isOurs = !chain.some((each) => LISTEN_CODES.has((each as NodeJS.ErrnoException).code));
  const lines = [isOurs ? (error.stack ?? error.message) : `failed: ${error.message}`];
  for (const { message } of chain.slice(1)) {
    if (!lines.some((line) => line.includes(message))) lines.push(`caused by: ${message}`);
  }
  return lines.join('\n');
}
