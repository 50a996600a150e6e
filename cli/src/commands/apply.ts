/**
 * `signpost apply FILE`: checked here first, so that mistakes show without a controller, then given to the
 * controller, which writes it to the bucket `signpost_config` as a whole or not at all. The controller has not the zone
 * files that it names, so their text is sent in their place.
 */
import { resolve } from 'node:path';

import { appliedSchema } from '@signpost/contracts/configuration-changes';

import { callApi, decodeAnswer, problemOf, type ApiOptions } from '../api-client.ts';
import { ApiError } from '../api-error.ts';
import { drawApplied, drawFollowed } from '../draw/changes-line.ts';
import { printLine, printProblem } from '../draw/print.ts';
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
    const applied = await decodeAnswer(response, appliedSchema);
    printLine(drawApplied(file, applied));
    const { changed, followedFile } = applied;
    if (changed && followedFile !== undefined && resolve(file) !== followedFile) {
      printProblem(drawFollowed(followedFile));
    }
  });
}
