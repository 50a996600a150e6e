/** `signpost promote HASH`: applies exactly the candidate that `diff` compared. */
import { appliedSchema } from '@signpost/contracts/configuration-changes';

import { askApi, type ApiOptions } from '../api-client.ts';
import { drawApplied, drawFollowed } from '../draw/changes-line.ts';
import { printLine, printProblem } from '../draw/print.ts';
import { reportFailure } from '../report-failure.ts';

export async function promote(hash: string, options: ApiOptions): Promise<void> {
  await reportFailure(async () => {
    const applied = await askApi(options, '/api/v1/candidate/promote', appliedSchema, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ hash }),
    });
    printLine(drawApplied(`candidate ${hash}`, applied));
    const { changed, followedFile } = applied;
    if (changed && followedFile !== undefined) printProblem(drawFollowed(followedFile));
  });
}
