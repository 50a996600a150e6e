/**
 * Why a peer may answer otherwise than we do. Each reason has its heading in docs/differences.md, which a test holds
 * to this list; a difference that none of them explains is a bug of ours until shown otherwise.
 */
import { type ComparedAnswer, sameAnswer } from './compare-answers.ts';
import type { ServerName } from './name-servers.ts';

export const REASONS = [
  'loops',
  'chains-across-zones',
  'wildcard-dname-owner',
  'names-shared-between-zones',
  'zone-without-delegation',
  'wildcard-glue',
] as const;
export type Reason = (typeof REASONS)[number];

/** A pair of differing answers to one question; `origins` are those of all zones served, without the final dot. */
export interface Difference {
  readonly peer: ServerName;
  readonly qtype: string;
  readonly ours: ComparedAnswer;
  readonly theirs: ComparedAnswer | undefined;
  readonly origins: ReadonlySet<string>;
  /** Whether another peer answers as we do, or gives a part of our chain. */
  readonly hasAlly: boolean;
}

export function explainDifference(difference: Difference): Reason | undefined {
  const { peer, qtype, ours, theirs, hasAlly } = difference;
  if (isLoop(ours)) return 'loops';
  if (theirs === undefined) return undefined;
  const isGlueAlone = sameAnswer({ ...theirs, glue: ours.glue }, ours);
  if (isGlueAlone && ours.glue.every((line) => theirs.glue.includes(line))) return 'wildcard-glue';
  if (sameAnswer({ ...theirs, rcode: ours.rcode }, ours) && ours.rcode === 'NOERROR' && qtype === 'DS')
    return 'zone-without-delegation';
  if (peer === 'knot' && theirs.answer.some((line) => isDname(line) && !ours.answer.includes(line))) {
    return 'wildcard-dname-owner';
  }
  if (crossesZones(difference)) return 'chains-across-zones';
  const sharesNames = peer === 'nsd' && hasAlly && zonesOf(ours, difference.origins).size > 0;
  return sharesNames && hasParentServed(ours, difference.origins) ? 'names-shared-between-zones' : undefined;
}

/** The same answer, or the beginning of our chain. */
export function sidesWith(ours: ComparedAnswer, theirs: ComparedAnswer | undefined): boolean {
  if (sameAnswer(ours, theirs)) return true;
  return (
    theirs !== undefined &&
    theirs.answer.length > 0 &&
    theirs.answer.every((line) => ours.answer.includes(line))
  );
}

/** The chain ends at an alias whose target it has been to, or was cut off for its length. */
function isLoop({ answer, rcode }: ComparedAnswer): boolean {
  const aliases = answer.filter((line) => line.includes(' CNAME ')).map((line) => line.split(' '));
  const owners = new Set(aliases.map(([owner]) => `${owner}.`));
  const goesBack = aliases.filter((fields) => owners.has(fields.at(-1)!)).length;
  return aliases.length > 0 && rcode === 'NOERROR' && (goesBack === aliases.length || aliases.length >= 8);
}

function isDname(line: string): boolean {
  return line.includes(' DNAME ');
}

/** We followed an alias into another zone of ours; the peer stopped, or stayed in the first. */
function crossesZones({ peer, qtype, ours, theirs, origins }: Difference): boolean {
  const givesUp = peer === 'nsd' && theirs!.rcode === 'SERVFAIL' && ours.answer.length > 0;
  const beginsAlike = givesUp || theirs!.answer.some((line) => ours.answer.includes(line));
  // The DS at an apex is of the zone above, and so is the alias that stands for it.
  const leavesByDs = qtype === 'DS' && namesOf(ours).some((name) => origins.has(name));
  return beginsAlike && (leavesByDs || zonesOf(ours, origins).size > 1);
}

function namesOf({ answer, authority }: ComparedAnswer): string[] {
  return [...answer, ...authority].map((line) => line.split(' ')[0]!);
}

function zonesOf(answer: ComparedAnswer, origins: ReadonlySet<string>): Set<string> {
  return new Set(namesOf(answer).flatMap((name) => zoneOf(name, origins) ?? []));
}

function zoneOf(name: string, origins: ReadonlySet<string>): string | undefined {
  for (let rest = name; rest !== ''; rest = rest.slice(rest.indexOf('.') + 1)) {
    if (origins.has(rest)) return rest;
    if (!rest.includes('.')) return undefined;
  }
  return undefined;
}

function hasParentServed(ours: ComparedAnswer, origins: ReadonlySet<string>): boolean {
  return [...zonesOf(ours, origins)].some(
    (zone) => origins.has(zone.slice(zone.indexOf('.') + 1)) || origins.has(`b.${zone}`),
  );
}
