/**
 * `signpost import octodns FILE...` and `signpost import route53 FILE...`: what another system steers by, as a
 * configuration. The files of one call make one configuration.
 */
import { importOctodns } from '@signpost/config/import/octodns/import-octodns';
import { importRoute53 } from '@signpost/config/import/route53/import-route53';
import { formatName, parseName } from '@signpost/dns/name-text';

import { finishImported, type ImportOptions, readImportFiles } from './import-result.ts';

export interface SteeringOptions extends ImportOptions {
  readonly origin?: string;
  readonly ns?: readonly string[];
  readonly contact?: string;
}

const IMPORTERS = { octodns: importOctodns, route53: importRoute53 };

export function importSteering(
  source: keyof typeof IMPORTERS,
  names: readonly string[],
  { origin, ns, contact, ...options }: SteeringOptions,
): void {
  const files = readImportFiles(names);
  if (files === undefined) return;
  const imported = IMPORTERS[source](files, {
    ...(origin !== undefined && { origin }),
    ...(ns !== undefined && { ns: ns.map(absolute) }),
    ...(contact !== undefined && { contact: absolute(contact) }),
  });
  finishImported(imported, options);
}

function absolute(name: string): string {
  return `${formatName(parseName(name))}.`;
}
