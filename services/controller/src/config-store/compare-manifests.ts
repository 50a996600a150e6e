/** What one configuration has that another has not, by the keys and revisions that their manifests name. Pure. */
import type { Manifest } from '@signpost/contracts/configuration';
import { type ConfigurationChanges, type Noun, NOUNS } from '@signpost/contracts/configuration-changes';
import { zoneOfToken } from '@signpost/contracts/names';

type Keys = Manifest['keys'];
type Counts = NonNullable<ConfigurationChanges['nouns'][Noun]>;

export function compareManifests(before: Keys, after: Keys): ConfigurationChanges {
  const nouns: Partial<Record<Noun, Counts>> = {};
  const removedZones: string[] = [];
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const noun = NOUNS.find((each) => key.startsWith(`${each}.`));
    if (noun === undefined || before[key] === after[key]) continue;
    const counts = (nouns[noun] ??= { added: 0, removed: 0, changed: 0 });
    const change = before[key] === undefined ? 'added' : after[key] === undefined ? 'removed' : 'changed';
    nouns[noun] = { ...counts, [change]: counts[change] + 1 };
    if (noun === 'zones' && change === 'removed') removedZones.push(zoneOfToken(key.slice('zones.'.length)));
  }
  return { nouns, removedZones: removedZones.toSorted() };
}
