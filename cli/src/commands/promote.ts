/** `signpost promote HASH`: applies exactly the candidate that `diff` compared. */
import * as z from 'zod';

import { askApi, type ApiOptions } from '../api-client.ts';
import { printLine } from '../draw/print.ts';
import { reportFailure } from '../report-failure.ts';

export async function promote(hash: string, options: ApiOptions): Promise<void> {
  await reportFailure(async () => {
    const { revision } = await askApi(
      options,
      '/api/v1/candidate/promote',
      z.object({ revision: z.number().int() }),
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ hash }),
      },
    );
    printLine(`candidate ${hash} applied as revision ${revision}`);
  });
}
