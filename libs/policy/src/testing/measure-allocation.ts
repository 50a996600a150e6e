/** For tests alone: a process of its own that prints, as JSON, what a selection of each kind leaves on the heap. */
import { octetsPerSelection, selectOften } from './measure-selection.ts';
import { selectionKinds } from './selection-kinds.ts';

const SELECTIONS = 50_000;

const kinds = selectionKinds();
// What is compiled for one kind alone is thrown away when the next one comes: let all have come.
for (const kind of [...kinds, ...kinds]) selectOften(kind, SELECTIONS);
const octets = kinds.map((kind) => [kind.name, octetsPerSelection(kind, SELECTIONS)]);
process.stdout.write(`${JSON.stringify(Object.fromEntries(octets))}\n`);
