/**
 * How a configuration lies in the bucket `signpost_config`: one key per noun and per zone, each value as it was
 * written, in JSON. Pure; both directions stand here so that they cannot drift apart.
 *
 *   apiVersion, defaults, guards, maintenance, overrides          vantages.eu   monitors.web   targets.eu-a   pools.eu   policies.global
 *   zones.example_net  (zoneToken)
 */
import type { ConfigurationInput } from '@signpost/contracts/configuration';
import { zoneOfToken, zoneToken } from '@signpost/contracts/names';

const SECTIONS = ['vantages', 'monitors', 'targets', 'pools', 'policies', 'zones'] as const;
const SINGLE_KEYS = ['apiVersion', 'defaults', 'guards', 'maintenance', 'overrides'] as const;

/** Key -> value. Sections that hold nothing leave no key: absent and empty mean the same. */
export function configurationEntries(input: ConfigurationInput): ReadonlyMap<string, unknown> {
  const entries = new Map<string, unknown>();
  for (const key of SINGLE_KEYS) if (input[key] !== undefined) entries.set(key, input[key]);
  for (const section of SECTIONS) {
    for (const [name, value] of Object.entries(input[section] ?? {})) {
      entries.set(`${section}.${section === 'zones' ? zoneToken(name) : name}`, value);
    }
  }
  return entries;
}

/** What `configurationEntries` was given; unchecked. Unknown keys are left out, a newer version may have them. */
export function assembleConfiguration(entries: ReadonlyMap<string, unknown>): Record<string, unknown> {
  const assembled: Record<string, unknown> = {};
  for (const [key, value] of entries) {
    const dot = key.indexOf('.');
    if (dot < 0) {
      if (SINGLE_KEYS.some((single) => single === key)) assembled[key] = value;
      continue;
    }
    const section = SECTIONS.find((candidate) => candidate === key.slice(0, dot));
    if (section === undefined) continue;
    const name = key.slice(dot + 1);
    const nouns = (assembled[section] ??= {}) as Record<string, unknown>;
    nouns[section === 'zones' ? zoneOfToken(name) : name] = value;
  }
  return assembled;
}

/** JSON with sorted keys, so that equal values have equal text however they were written. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (part === null || typeof part !== 'object' || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}
