/**
 * Pools: members and a monitor that exist, each member once, and answers of one kind.
 */
import type { PoolConfiguration } from '@signpost/contracts/policy-configuration';

import type { ReadableParts } from './readable-parts.ts';
import { missingNoun, type ReferenceMistake } from './reference-mistake.ts';

export function checkPools(parts: ReadableParts): ReferenceMistake[] {
  return Object.entries(parts.nouns.pools).flatMap(([name, pool]) => [
    ...(pool.monitor === undefined
      ? []
      : missingNoun(parts, 'monitors', pool.monitor, ['pools', name, 'monitor'])),
    ...checkMembers(name, pool, parts),
    ...checkKind(name, pool, parts),
  ]);
}

/** Whether the pool answers with host names, as far as its targets could be read. */
export function hasHostNames(pool: PoolConfiguration | undefined, { nouns }: ReadableParts): boolean {
  return (pool?.members ?? []).some(
    ({ target }) => Object.hasOwn(nouns.targets, target) && nouns.targets[target]?.cname !== undefined,
  );
}

function checkMembers(name: string, pool: PoolConfiguration, parts: ReadableParts): ReferenceMistake[] {
  const targets = pool.members.map(({ target }) => target);
  return targets.flatMap((target, index) => {
    const path = ['pools', name, 'members', index, 'target'];
    if (targets.indexOf(target) !== index) {
      return [
        { path, message: `target "${target}" is a member twice; keep one, with the sum of the weights` },
      ];
    }
    return missingNoun(parts, 'targets', target, path);
  });
}

/** The first member that is of the other kind than the one before it. */
function checkKind(name: string, pool: PoolConfiguration, { nouns }: ReadableParts): ReferenceMistake[] {
  const kinds = pool.members.map(({ target }) => {
    const found = Object.hasOwn(nouns.targets, target) ? nouns.targets[target] : undefined;
    return found && (found.cname === undefined ? 'an address' : 'a host name');
  });
  const first = kinds.find((kind) => kind !== undefined);
  const other = kinds.findIndex((kind) => kind !== undefined && kind !== first);
  if (other < 0) return [];
  const message = `target "${pool.members[other]!.target}" is ${kinds[other]}, but others of the pool are not; make it a pool of its own`;
  return [{ path: ['pools', name, 'members', other, 'target'], message }];
}
