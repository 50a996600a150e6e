/** Writes what all servers need into a directory: the database, the prepared queries, the load generator. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { seededDraw } from '@signpost/testkit/seeded-draw';

import { compileNative } from './compile-native.ts';
import { readCountryPrefixes } from './country-prefixes.ts';
import { geoip2Database } from './geoip2-database.ts';
import { encodeQueryFile } from './query-file.ts';
import { addressesOf, drawClients, type Kind, KINDS } from './workload.ts';

export const MIXES = ['ecs', 'none'] as const;
/** With Client Subnet, from all over the world, or without, from one place that no database knows. */
export type Mix = (typeof MIXES)[number];

export interface PreparedWorkload {
  readonly program: string;
  readonly database: string;
  /** The file of queries; `unsteered`: for a server that answers all clients the same. */
  queries(kind: Kind, mix: Mix, unsteered?: boolean): string;
}

/** The same on every machine, as long as the bundled database is. */
const SEED = 6;

export async function prepareWorkload(directory: string): Promise<PreparedWorkload> {
  const program = await compileNative('dns-load', directory);
  const prefixes = readCountryPrefixes();
  const database = join(directory, 'country.mmdb');
  await writeFile(database, geoip2Database(prefixes));
  const draw = seededDraw(SEED);
  const clients = drawClients(prefixes, draw);
  const queries = (kind: Kind, mix: Mix, unsteered = false) =>
    join(directory, `${kind}-${mix}${unsteered ? '-unsteered' : ''}.queries`);
  for (const mix of MIXES) {
    const asked = mix === 'ecs' ? clients : undefined;
    for (const kind of KINDS)
      await writeFile(queries(kind, mix), encodeQueryFile({ kind, clients: asked }, draw));
    const same = { kind: 'plain', clients: asked, allowed: addressesOf('rest').slice(0, 1) } as const;
    await writeFile(queries('plain', mix, true), encodeQueryFile(same, draw));
  }
  return { program, database, queries };
}
