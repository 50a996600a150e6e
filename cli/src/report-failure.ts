/** Runs the body of a command; what fails between us and the controller becomes one line and exit code 1. */
import { ApiError } from './api-error.ts';
import { printProblem } from './draw/print.ts';

export async function reportFailure(body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    printProblem(`signpost: ${error.message}`);
    process.exitCode = 1;
  }
}
