/** Aliases: they lead somewhere, and not in a circle; and hosts elsewhere are not more than can be looked up. */
import { formatName } from '@signpost/dns/name-text';

import { type AliasEnd, type AliasIndex, aliasIndex, followAlias } from './follow-alias.ts';
import { readName, readOwner } from './name-problem.ts';
import type { Path, ReadableParts } from './readable-parts.ts';
import type { ReferenceMistake } from './reference-mistake.ts';
import { suggest } from './suggest.ts';

/** Hosts that the controller looks up, each at least every five minutes. */
const MOST_HOSTS = 1_000;

export function checkAliases({ zones, nouns }: ReadableParts): ReferenceMistake[] {
  const index = aliasIndex(zones);
  const hosts = new Set<string>();
  const mistakes = zones.flatMap(({ apex: written, records }) => {
    const apex = readName(written);
    if (apex.problem !== undefined) return [];
    return records.flatMap(({ owner, record, path }): ReferenceMistake[] => {
      if (!('alias' in record)) return [];
      const name = readOwner(owner, apex.name);
      if (name.problem !== undefined) return []; // told of the owner
      const end = followAlias(index, apex.name, formatName(name.name), record.alias);
      if (end.kind === 'elsewhere') hosts.add(end.host);
      const message = problemOf(end, record.alias, index);
      return message === undefined ? [] : [{ path: [...path, 'alias'], message }];
    });
  });
  for (const { cname } of Object.values(nouns.targets)) if (cname !== undefined) hosts.add(cname);
  const last = zones.flatMap(({ records }) => records.filter(({ record }) => 'alias' in record)).at(-1);
  if (hosts.size <= MOST_HOSTS || last === undefined) return mistakes;
  return [...mistakes, tooMany(hosts.size, last.path)];
}

function tooMany(count: number, path: Path): ReferenceMistake {
  const message = `aliases and targets name ${count} hosts elsewhere, and at most ${MOST_HOSTS} are looked up; use addresses for some`;
  return { path: [...path, 'alias'], message };
}

function problemOf(end: AliasEnd, alias: string, index: AliasIndex): string | undefined {
  switch (end.kind) {
    case 'steered':
    case 'static':
    case 'elsewhere':
      return undefined;
    case 'malformed':
      return end.problem;
    case 'loop':
      return `leads in a circle (${end.names.join(' > ')}); remove one of the steps`;
    case 'missing': {
      const owners = [...(index.get(end.zone)?.owners.keys() ?? [])];
      const elsewhere = alias.endsWith('.') ? '' : `, or "${alias}." for a host elsewhere`;
      return `${end.owner} has no addresses in zone ${end.zone}; ${suggest(end.owner, owners, 'names')}${elsewhere}`;
    }
    default:
      throw new TypeError(`unhandled end ${JSON.stringify(end satisfies never)}`);
  }
}
