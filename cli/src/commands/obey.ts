/**
 * `signpost obey MATCH`: lifts the overrides of the targets, which then obey their checks again. To lift what is
 * not there is no failure; what remains, because it is wider or the configuration's, is told and is one.
 */
import { overridesLiftedSchema } from '@signpost/contracts/override';

import { askApi, type ApiOptions } from '../api-client.ts';
import { drawOverrides } from '../draw/override.ts';
import { printJson, printLine, printProblem } from '../draw/print.ts';
import { ownerHere } from '../owner-here.ts';
import { reportFailure } from '../report-failure.ts';

export interface ObeyFlags extends ApiOptions {
  readonly reason: string;
  readonly by?: string;
  readonly json?: boolean;
}

export async function obey(match: string, flags: ObeyFlags): Promise<void> {
  await reportFailure(async () => {
    const query = new URLSearchParams({ match, by: flags.by ?? ownerHere(), reason: flags.reason });
    const outcome = await askApi(flags, `/api/v1/overrides?${query.toString()}`, overridesLiftedSchema, {
      method: 'DELETE',
    });
    const { lifted, remaining } = outcome;
    if (flags.json === true) printJson(outcome);
    else {
      for (const { id, set, match: lift } of lifted) printLine(`${set} of ${lift} lifted (override ${id})`);
      if (lifted.length === 0 && remaining.length === 0) printLine(`no override holds for ${match}`);
      for (const line of remaining.length === 0 ? [] : drawOverrides(remaining, Date.now())) printLine(line);
    }
    if (remaining.length === 0) return;
    printProblem(
      `signpost: ${match} is overridden still, by a wider match or by the configuration: lift that, change the configuration, or make one that is newer`,
    );
    process.exitCode = 1;
  });
}
