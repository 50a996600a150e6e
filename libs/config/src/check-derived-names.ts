/**
 * Names that follow from a steered record, of its pools and of its targets: they must be names, and nothing that is
 * written may stand at them.
 */
import type { SteeredRecordConfiguration } from '@signpost/contracts/record-configuration';
import { formatName } from '@signpost/dns/name-text';
import type { WireName } from '@signpost/dns/wire-name';

import { hasHostNames } from './check-pools.ts';
import { poolsOf } from './check-policies.ts';
import { readName, readOwner } from './name-problem.ts';
import type { Path, ReadableParts, ReadableZone } from './readable-parts.ts';
import type { ReferenceMistake } from './reference-mistake.ts';

/** As many characters as a code has, with its hyphen. */
const CODE = '-aaaaaaaa';

export function checkDerivedNames(
  zone: ReadableZone,
  apex: WireName,
  parts: ReadableParts,
): ReferenceMistake[] {
  const taken = ownersIn(zone, apex);
  return zone.records.flatMap(({ owner: written, record, path }) => {
    if (!('steer' in record)) return [];
    const { name } = readOwner(written, apex);
    if (name === undefined) return [];
    const owner = formatName(name);
    return [
      ...(record.affinity_names === true ? checkTargets(owner, record, path, parts) : []),
      ...checkPools(owner, record, path, taken, parts),
    ];
  });
}

function checkPools(
  owner: string,
  record: SteeredRecordConfiguration,
  path: Path,
  taken: ReadonlySet<string>,
  parts: ReadableParts,
): ReferenceMistake[] {
  const types = record.types.filter(
    (type) =>
      type === 'MX' ||
      type === 'SRV' ||
      ((type === 'HTTPS' || type === 'SVCB') && record.https?.failover !== false),
  );
  const pools = poolsWithAddresses(record, parts);
  if (types.length === 0 || pools.length === 0) return [];
  const kinds = types.join(' and ');
  const remedy = types.some((type) => type === 'MX' || type === 'SRV')
    ? 'use targets with host names'
    : 'write https: { failover: false }';
  if (isWildcard(owner)) {
    const message = `${kinds} records lead to a name for each pool, and a wildcard has none below it; ${remedy}`;
    return [{ path, message }];
  }
  return pools.flatMap((pool) => {
    const name = readName(`${pool}.${owner}`);
    if (name.problem !== undefined)
      return [{ path, message: `the name of pool "${pool}" for ${kinds} records: ${name.problem}` }];
    const text = formatName(name.name);
    if (!taken.has(text)) return [];
    const message = `${kinds} records need ${text} as the name of pool "${pool}", but records stand there already; remove those or rename the pool`;
    return [{ path, message }];
  });
}

function checkTargets(
  owner: string,
  record: SteeredRecordConfiguration,
  path: Path,
  parts: ReadableParts,
): ReferenceMistake[] {
  const at = [...path, 'affinity_names'];
  if (isWildcard(owner)) {
    return [{ path: at, message: 'a wildcard has no names below it; use a record with a name of its own' }];
  }
  const { pools } = parts.nouns;
  const targets = poolNames(record, parts).flatMap((pool) =>
    pools[pool]!.members.map(({ target }) => target),
  );
  return [...new Set(targets)].flatMap((target) => {
    const { problem } = readName(`${target}${CODE}.${owner}`);
    if (problem === undefined) return [];
    return [{ path: at, message: `the name of target "${target}" would be none: ${problem}` }];
  });
}

/** As far as they could be read. */
function poolNames({ steer }: SteeredRecordConfiguration, { nouns }: ReadableParts): readonly string[] {
  const policy = Object.hasOwn(nouns.policies, steer) ? nouns.policies[steer] : undefined;
  const names = policy === undefined ? [] : poolsOf(policy, nouns.policies);
  return names.filter((pool) => Object.hasOwn(nouns.pools, pool));
}

function poolsWithAddresses(record: SteeredRecordConfiguration, parts: ReadableParts): readonly string[] {
  return poolNames(record, parts).filter((pool) => !hasHostNames(parts.nouns.pools[pool], parts));
}

function ownersIn({ records, source }: ReadableZone, apex: WireName): ReadonlySet<string> {
  const written = records.flatMap(({ owner }) => {
    const { name } = readOwner(owner, apex);
    return name === undefined ? [] : [formatName(name)];
  });
  return new Set([...written, ...(source?.records ?? []).map(({ owner }) => formatName(owner))]);
}

function isWildcard(owner: string): boolean {
  return owner === '*' || owner.startsWith('*.');
}
