/** `signpost affinity-names OWNER`: the name that leads to each target of a record, newest secret first. */
import { affinityListSchema } from '@signpost/contracts/affinity-list';

import { type ApiOptions, askApi } from '../api-client.ts';
import { paint, printJson, printLine } from '../draw/print.ts';
import { drawTable } from '../draw/table.ts';
import { reportFailure } from '../report-failure.ts';

export async function affinityNames(owner: string, options: ApiOptions & { json?: boolean }): Promise<void> {
  await reportFailure(async () => {
    const path = `/api/v1/affinity-names?owner=${encodeURIComponent(owner)}`;
    const list = await askApi(options, path, affinityListSchema);
    if (options.json === true) return printJson(list);
    const rows = list.targets.flatMap(({ target, names }) => names.map((name) => [target, name]));
    for (const line of drawTable(['TARGET', 'NAME'], rows, (header) => paint('dim', header))) printLine(line);
  });
}
