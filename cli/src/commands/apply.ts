/**
 * `signpost apply FILE`: checked here first, so that mistakes show without a controller, then given to the
 * controller, which writes it to the bucket `signpost_config` as a whole or not at all. The controller has not the zone
 * files that it names, so their text is sent in their place.
 */
import { callApi, problemOf, type ApiOptions } from '../api-client.ts';
import { ApiError } from '../api-error.ts';
import { printLine } from '../draw/print.ts';
import { reportFailure } from '../report-failure.ts';
import { readChecked } from './check.ts';

export async function apply(file: string, options: ApiOptions): Promise<void> {
  const checked = readChecked(file);
  if (checked === undefined) return;
  await reportFailure(async () => {
    const response = await callApi(options, `/api/v1/configuration?file=${encodeURIComponent(file)}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/yaml' },
      body: checked.selfContained,
    });
    if (response.status === 413) {
      const octets = new TextEncoder().encode(checked.selfContained).length;
      throw new ApiError(
        `${file} has ${octets} octets with its zone files, more than the controller takes by its API; let it follow the file (SIGNPOST_CONFIG)`,
      );
    }
    if (!response.ok) throw new ApiError(await problemOf(response));
    const { revision, changed } = (await response.json()) as { revision: number; changed: boolean };
    printLine(
      changed
        ? `${file} applied as revision ${revision}`
        : `${file} is what runs already (revision ${revision})`,
    );
  });
}
