/** `signpost overrides`: all that have not ended, whoever made them, drawn as a table. */
import { overrideListSchema } from '@signpost/contracts/override';

import { askApi, type ApiOptions } from '../api-client.ts';
import { drawOverrides } from '../draw/override.ts';
import { printJson, printLine } from '../draw/print.ts';
import { reportFailure } from '../report-failure.ts';

export async function overrides(options: ApiOptions & { json?: boolean }): Promise<void> {
  await reportFailure(async () => {
    const list = await askApi(options, '/api/v1/overrides', overrideListSchema);
    if (options.json === true) printJson(list);
    else for (const line of drawOverrides(list.overrides, list.nowMs)) printLine(line);
  });
}
