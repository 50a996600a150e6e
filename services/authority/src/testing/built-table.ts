/** For tests only: a table of clients, built in one go. */
import { buildClientTable, type ClientDatabases } from '@signpost/policy/build-client-table';
import type { DecidingPart } from '@signpost/policy/client-rules';
import type { ClientTable } from '@signpost/policy/client-table';

export function builtTable(part: DecidingPart, databases: ClientDatabases): ClientTable {
  const building = buildClientTable(part, databases, 1_000);
  for (;;) {
    const step = building.next();
    if (step.done !== true) continue;
    if (step.value === undefined) throw new Error('there are too many ranges');
    return step.value;
  }
}
