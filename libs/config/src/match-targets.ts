/**
 * Which targets a match of an override means: names with `*` (any characters) and `?` (one). Pure.
 *
 *   eu-*   target/eu-a   by name          pool/eu   the members of pools          site/fra   the targets of sites
 */
import type { TargetConfiguration } from '@signpost/contracts/configuration';
import type { PoolConfiguration } from '@signpost/contracts/policy-configuration';

import { suggest } from './suggest.ts';

/** What targets are found by. */
export interface MatchableNouns {
  readonly targets: Readonly<Record<string, Pick<TargetConfiguration, 'site'>>>;
  readonly pools: Readonly<Record<string, Pick<PoolConfiguration, 'members'>>>;
}

const KINDS = ['target', 'pool', 'site'] as const;
type Kind = (typeof KINDS)[number];

/** Names of targets, in the order of the configuration, each once. */
export function matchTargets(match: string, nouns: MatchableNouns): readonly string[] {
  const { kind, glob } = splitMatch(match);
  const names = Object.keys(nouns.targets);
  switch (kind) {
    case 'target':
      return Object.hasOwn(nouns.targets, glob) ? [glob] : names.filter((name) => matchesGlob(glob, name));
    case 'pool': {
      const pools = Object.entries(nouns.pools).filter(([name]) => matchesGlob(glob, name));
      const members = new Set(pools.flatMap(([, pool]) => pool.members.map(({ target }) => target)));
      return names.filter((name) => members.has(name));
    }
    case 'site':
      return names.filter((name) => matchesGlob(glob, nouns.targets[name]!.site ?? ''));
    default:
      throw new TypeError(`unhandled kind ${String(kind satisfies never)}`);
  }
}

/** Why a match that hits nothing is wrong, with names that are near; undefined when it hits something. */
export function matchProblem(match: string, nouns: MatchableNouns): string | undefined {
  const { kind, glob } = splitMatch(match);
  if (glob === '') return `"${match}" names nothing; write eu-a, eu-*, pool/eu or site/fra`;
  const slash = match.indexOf('/');
  if (kind === 'target' && slash >= 0 && !match.startsWith('target/')) {
    return `"${match.slice(0, slash)}/" is no kind of match; write target/NAME, pool/NAME or site/NAME`;
  }
  if (matchTargets(match, nouns).length > 0) return undefined;
  return `"${match}" matches no target; ${suggest(glob, namesOf(kind, nouns), `${kind}s`)}`;
}

/** Two pointers and one way back, so that no pattern takes more than length times length steps. */
export function matchesGlob(glob: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let starAt = 0;
  for (let i = 0; i < text.length;) {
    if (glob[at] === '*') {
      star = at;
      starAt = i;
      at += 1;
    } else if (at < glob.length && (glob[at] === '?' || glob[at] === text[i])) {
      at += 1;
      i += 1;
    } else if (star >= 0) {
      starAt += 1;
      i = starAt;
      at = star + 1;
    } else return false;
  }
  while (glob[at] === '*') at += 1;
  return at === glob.length;
}

/** No target has a slash in its name, so what begins with no known kind matches nothing. */
function splitMatch(match: string): { readonly kind: Kind; readonly glob: string } {
  for (const kind of KINDS) {
    if (match.startsWith(`${kind}/`)) return { kind, glob: match.slice(kind.length + 1) };
  }
  return { kind: 'target', glob: match };
}

function namesOf(kind: Kind, { targets, pools }: MatchableNouns): readonly string[] {
  switch (kind) {
    case 'target':
      return Object.keys(targets);
    case 'pool':
      return Object.keys(pools);
    case 'site':
      return [...new Set(Object.values(targets).flatMap(({ site }) => site ?? []))];
    default:
      throw new TypeError(`unhandled kind ${String(kind satisfies never)}`);
  }
}
