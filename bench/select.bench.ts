/**
 * What it costs to select an answer, by kind of policy: `npm run bench:select`. One process, one thread, no network.
 * Kinds take turns, so that what else the machine does falls on all of them; of each the median of the rounds is shown.
 */
import {
  nanosecondsPerSelection,
  octetsPerSelection,
  selectOften,
} from '@signpost/policy/testing/measure-selection';
import { selectionKinds } from '@signpost/policy/testing/selection-kinds';

const SELECTIONS = 200_000;
const ROUNDS = 15;

const kinds = selectionKinds();
for (const kind of [...kinds, ...kinds]) selectOften(kind, SELECTIONS);
const times = kinds.map((): number[] => []);
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [index, kind] of kinds.entries()) times[index]!.push(nanosecondsPerSelection(kind, SELECTIONS));
}
const medians = times.map((own) => own.toSorted((a, b) => a - b)[ROUNDS >> 1]!);
console.table(
  kinds.map((kind, index) => ({
    policy: kind.name,
    ns: Math.round(medians[index]!),
    'x pool': Number((medians[index]! / medians[0]!).toFixed(1)),
    'octets of heap': Number(octetsPerSelection(kind, SELECTIONS).toFixed(1)),
  })),
);
