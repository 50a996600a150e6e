/**
 * `signpost apply FILE`: checked here first, so that mistakes show without a controller, then given to the
 * controller, which writes it to the bucket `signpost_config` as a whole or not at all.
 */
import { checkConfiguration, formatMistake } from '@signpost/config/check-configuration';

import { ApiError, callApi, problemOf, type ApiOptions } from '../api-client.ts';
import { printLine, printProblem } from '../draw/print.ts';
import { reportFailure } from '../report-failure.ts';
import { readConfigurationFile } from './check.ts';

export async function apply(file: string, options: ApiOptions): Promise<void> {
  const text = await readConfigurationFile(file);
  if (text === undefined) return;
  const checked = checkConfiguration(text, file);
  if (!checked.ok) {
    for (const mistake of checked.mistakes) printProblem(formatMistake(mistake));
    process.exitCode = 2;
    return;
  }
  await reportFailure(async () => {
    const response = await callApi(options, `/api/v1/configuration?file=${encodeURIComponent(file)}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/yaml' },
      body: text,
    });
    if (!response.ok) throw new ApiError(await problemOf(response));
    const { revision, changed } = (await response.json()) as { revision: number; changed: boolean };
    printLine(
      changed
        ? `${file} applied as revision ${revision}`
        : `${file} is what runs already (revision ${revision})`,
    );
  });
}
