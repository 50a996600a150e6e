/** Settings of steered records of services: there for the types that need them, and only for those. */
import type { SteeredRecordConfiguration } from '@signpost/contracts/record-configuration';

import type { Path } from './readable-parts.ts';
import type { ReferenceMistake } from './reference-mistake.ts';

const SETTINGS = [
  { key: 'mx', types: ['MX'] },
  { key: 'srv', types: ['SRV'] },
  { key: 'https', types: ['HTTPS', 'SVCB'] },
] as const;

export function checkServices(record: SteeredRecordConfiguration, path: Path): ReferenceMistake[] {
  const idle = SETTINGS.flatMap(({ key, types }): ReferenceMistake[] => {
    if (record[key] === undefined || types.some((type) => record.types.includes(type))) return [];
    const message = `the record has no type ${types.join(' or ')} that it is for; add it to "types" or remove it`;
    return [{ path: [...path, key], message, atKey: true }];
  });
  if (!record.types.includes('SRV') || record.srv !== undefined) return idle;
  const message =
    'SRV records name a port, which the targets do not tell; add srv: { port: 443 } or the like';
  return [...idle, { path: [...path, 'types', record.types.indexOf('SRV')], message }];
}
