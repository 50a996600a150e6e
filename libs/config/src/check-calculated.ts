/** Calculated monitors: others that exist, conditions that can hold, and no way back to themselves. */
import type { CalculatedMonitor } from '@signpost/contracts/configuration';

import { childMonitors } from './monitors-used.ts';
import type { Path, ReadableParts } from './readable-parts.ts';
import { missingNoun, type ReferenceMistake } from './reference-mistake.ts';

export function checkCalculated(
  name: string,
  monitor: CalculatedMonitor,
  parts: ReadableParts,
): ReferenceMistake[] {
  const path = ['monitors', name];
  const lists: [Path, readonly string[]][] = [
    [[...path, 'all'], monitor.all ?? []],
    [[...path, 'any'], monitor.any ?? []],
    [[...path, 'at_least', 'of'], monitor.at_least?.of ?? []],
  ];
  const mistakes = lists.flatMap(([at, names]) => checkNames(at, names, parts));
  if (lists.every(([, names]) => names.length === 0)) {
    mistakes.push({ path, message: 'it looks at no other monitor; write all, any or at_least' });
  }
  const { n = 0, of = [] } = monitor.at_least ?? {};
  if (n > of.length) {
    const message = `n is ${n}, but it looks at ${of.length} monitor${of.length === 1 ? '' : 's'}; write at most ${of.length}`;
    mistakes.push({ path: [...path, 'at_least', 'n'], message });
  }
  return [...mistakes, ...checkLoop(name, path, parts)];
}

function checkNames(path: Path, names: readonly string[], parts: ReadableParts): ReferenceMistake[] {
  return names.flatMap((name, index) => {
    const at = [...path, index];
    if (names.indexOf(name) !== index) {
      return [{ path: at, message: `monitor "${name}" stands here twice; remove one` }];
    }
    return missingNoun(parts, 'monitors', name, at);
  });
}

/** A loop is told once, at the first of its monitors in the alphabet; those that lead into it are not part of it. */
function checkLoop(name: string, path: Path, parts: ReadableParts): ReferenceMistake[] {
  const loop = findLoop(name, parts);
  if (loop === undefined || loop.some((member) => member < name)) return [];
  const way = [...loop, name].join(' -> ');
  return [{ path, message: `the monitors look at each other in a loop, ${way}; break it`, atKey: true }];
}

/** The shortest way from a monitor back to itself, without its end; undefined when there is none. */
function findLoop(start: string, parts: ReadableParts): readonly string[] | undefined {
  const seen = new Set<string>();
  let ways: (readonly string[])[] = [[start]];
  while (ways.length > 0) {
    const longer: (readonly string[])[] = [];
    for (const way of ways) {
      for (const child of childMonitors(way.at(-1)!, parts)) {
        if (child === start) return way;
        if (seen.has(child)) continue;
        seen.add(child);
        longer.push([...way, child]);
      }
    }
    ways = longer;
  }
  return undefined;
}
