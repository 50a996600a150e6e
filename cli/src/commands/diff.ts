/**
 * `signpost diff [CANDIDATE]`: a configuration beside the one that runs, by the answers given a moment ago: who would
 * move where, and what would become empty. Without a file, the last candidate again. Applies nothing.
 */
import { type Candidate, candidateSchema } from '@signpost/contracts/candidate';

import { askApi, type ApiOptions } from '../api-client.ts';
import { paint, printJson, printLine } from '../draw/print.ts';
import { drawTable } from '../draw/table.ts';
import { reportFailure } from '../report-failure.ts';
import { readChecked } from './check.ts';

/** Rows of a table; the rest is told as a number. `--json` has them all. */
const MOST_ROWS = 20;
const HASH_SHOWN = 12;

export async function diff(
  file: string | undefined,
  options: ApiOptions & { json?: boolean },
): Promise<void> {
  const checked = file === undefined ? undefined : readChecked(file);
  if (file !== undefined && checked === undefined) return;
  await reportFailure(async () => {
    const candidate =
      checked === undefined
        ? await askApi(options, '/api/v1/candidate', candidateSchema)
        : await askApi(options, `/api/v1/candidate?file=${encodeURIComponent(file!)}`, candidateSchema, {
            method: 'PUT',
            headers: { 'content-type': 'application/yaml' },
            body: checked.selfContained,
          });
    if (options.json === true) printJson(candidate);
    else for (const line of drawCandidate(candidate)) printLine(line);
  });
}

export function drawCandidate({ hash, comparison }: Candidate): string[] {
  const { names, namesCut, samples, answers, moved, emptied, moves, targets } = comparison;
  const lines = [`${paint('bold', 'candidate')} ${hash.slice(0, HASH_SHOWN)}`];
  if (names.length === 0) lines.push('no record set would be another');
  else {
    lines.push(`${names.length + namesCut} record sets would be others:`);
    lines.push(
      ...rows(
        ['change', 'name', 'type'],
        names.map(({ owner, type, change }) => [change, owner, type]),
        namesCut,
      ),
    );
  }
  if (samples === 0)
    return [...lines, 'no answers were sampled of late, so who would move is not known', ...apply(hash)];
  lines.push(`of ${Math.round(answers)} answers of late (${samples} sampled), ${percent(moved)} would move`);
  if (emptied > 0) lines.push(paint('red', `${percent(emptied)} would get no answer`));
  if (moves.length > 0) {
    lines.push(
      ...rows(
        ['share', 'from', 'to', 'name', 'type'],
        moves.map(({ share, from, to, owner, type }) => [
          percent(share),
          from ?? 'no answer',
          to ?? 'no answer',
          owner,
          type,
        ]),
        0,
      ),
    );
  }
  lines.push(
    ...rows(
      ['target', 'now', 'candidate'],
      targets.map(({ target, now, by }) => [target, percent(now), percent(by)]),
      0,
    ),
  );
  return [...lines, ...apply(hash)];
}

function apply(hash: string): string[] {
  return [`to apply exactly this: signpost promote ${hash.slice(0, HASH_SHOWN)}`];
}

function rows(header: readonly string[], all: readonly (readonly string[])[], cut: number): string[] {
  const left = Math.max(0, all.length - MOST_ROWS) + cut;
  const table = drawTable(header, all.slice(0, MOST_ROWS)).map((line) => `  ${line}`);
  return left === 0 ? table : [...table, `  and ${left} more (--json shows them)`];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.01 ? 2 : 1)} %`;
}
