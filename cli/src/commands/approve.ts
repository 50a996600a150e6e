/** `signpost approve [ID]`: lets a removal pass that a guard holds; without an id the only one, or it lists them. */
import { guardsViewSchema, holdViewSchema, type HoldView } from '@signpost/contracts/guard';

import { askApi, type ApiOptions } from '../api-client.ts';
import { ApiError } from '../api-error.ts';
import { drawHold } from '../draw/hold-line.ts';
import { printJson, printLine } from '../draw/print.ts';
import { ownerHere } from '../owner-here.ts';
import { reportFailure } from '../report-failure.ts';

export interface ApproveFlags extends ApiOptions {
  readonly reason: string;
  readonly by?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

export async function approve(id: string | undefined, flags: ApproveFlags): Promise<void> {
  await reportFailure(async () => {
    const ids = id === undefined ? await idsOf(flags) : [id];
    const approved: HoldView[] = [];
    for (const each of ids) approved.push(await approveOne(each, flags));
    if (flags.json === true) printJson({ approved });
    else for (const hold of approved) printLine(`approved  ${drawHold(hold, Date.now())}`);
  });
}

async function idsOf(flags: ApproveFlags): Promise<string[]> {
  const { holds } = await askApi(flags, '/api/v1/guards', guardsViewSchema);
  if (holds.length === 1 || flags.all === true) return holds.map(({ id }) => id);
  if (holds.length === 0) throw new ApiError('no guard holds anything');
  const lines = holds.map((hold) => `  ${drawHold(hold, Date.now())}`).join('\n');
  throw new ApiError(`${holds.length} removals are held; name one, or write --all:\n${lines}`);
}

function approveOne(id: string, flags: ApproveFlags): Promise<HoldView> {
  const { reason, by = ownerHere() } = flags;
  return askApi(flags, `/api/v1/guards/${encodeURIComponent(id)}/approve`, holdViewSchema, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ by, reason }),
  });
}
