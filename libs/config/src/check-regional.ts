/** Vantages and the clients near them: codes that exist, each of one vantage, and known where health is regional. */
import { isProbed } from '@signpost/contracts/configuration';
import { geoCodeProblem } from '@signpost/contracts/place';
import { MAX_VIEWS } from '@signpost/contracts/record-set';

import type { ReadableParts } from './readable-parts.ts';
import type { ReferenceMistake } from './reference-mistake.ts';

export function checkRegional(parts: ReadableParts): ReferenceMistake[] {
  return [...checkCodes(parts), ...checkMonitors(parts)];
}

function checkCodes({ nouns }: ReadableParts): ReferenceMistake[] {
  const owners = new Map<string, string>();
  const mistakes: ReferenceMistake[] = [];
  const withClients = Object.entries(nouns.vantages).filter(([, { near = [] }]) => near.length > 0);
  for (const [vantage, { near = [] }] of withClients) {
    for (const [index, code] of near.entries()) {
      const path = ['vantages', vantage, 'near', index];
      const problem = geoCodeProblem(code);
      if (problem !== undefined) {
        mistakes.push({ path, message: problem });
        continue;
      }
      const owner = owners.get(code);
      owners.set(code, owner ?? vantage);
      if (owner === undefined) continue;
      const other = owner === vantage ? 'here twice' : `near vantage "${owner}" as well`;
      mistakes.push({ path, message: `${code} stands ${other}; remove one, or write a smaller area` });
    }
  }
  if (withClients.length > MAX_VIEWS) {
    const message = `${withClients.length} vantages have clients near them; leave "near" out of all but ${MAX_VIEWS}`;
    mistakes.push({ path: ['vantages'], message });
  }
  return mistakes;
}

function checkMonitors({ nouns, names }: ReadableParts): ReferenceMistake[] {
  return Object.entries(nouns.monitors).flatMap(([name, monitor]) => {
    if (!isProbed(monitor) || monitor.vantages.decide !== 'regional') return [];
    const used = monitor.vantages.use ?? (names.vantages === 'any' ? [] : names.vantages);
    const silent = [...new Set(used)].filter(
      (vantage) => Object.hasOwn(nouns.vantages, vantage) && nouns.vantages[vantage]?.near === undefined,
    );
    if (silent.length === 0) return [];
    const which = silent.map((vantage) => `"${vantage}"`).join(', ');
    const message = `it is not known which clients are near ${which}; write "near: [EU]" or the like in that vantage, or "near: []" if it only votes`;
    return [{ path: ['monitors', name, 'vantages', 'decide'], message }];
  });
}
