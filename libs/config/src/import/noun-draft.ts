/**
 * The nouns of a configuration in the making. Each gets a name that is free, and what is the same has one name, so that
 * records which coincide share targets, pools, monitors and policies.
 */
import type { ConfigurationInput } from '@signpost/contracts/configuration';
import { nameFromHost } from '@signpost/contracts/names';

export type DraftSection = 'monitors' | 'targets' | 'pools' | 'policies';
type Noun<Section extends DraftSection> = NonNullable<ConfigurationInput[Section]>[string];

const LONGEST_NAME = 63;

export class NounDraft {
  readonly #nouns = { monitors: new Map(), targets: new Map(), pools: new Map(), policies: new Map() } as {
    readonly [Section in DraftSection]: Map<string, Noun<Section>>;
  };
  readonly #names = new Map<string, string>();

  /** Its name: `wanted` in our form, or that with a number behind it, or the name of what is equal. */
  add<Section extends DraftSection>(section: Section, wanted: string, noun: Noun<Section>): string {
    const key = `${section} ${JSON.stringify(noun)}`;
    const before = this.#names.get(key);
    if (before !== undefined) return before;
    const name = freeName(nameFromHost(wanted, section.slice(0, -1)), this.#nouns[section]);
    this.#nouns[section].set(name, noun);
    this.#names.set(key, name);
    return name;
  }

  get<Section extends DraftSection>(section: Section, name: string): Noun<Section> | undefined {
    return this.#nouns[section].get(name);
  }

  /** Sections that have nouns, in the order of a configuration; a vantage to probe from where a monitor probes. */
  sections(): Partial<ConfigurationInput> {
    const { monitors, targets, pools, policies } = this.#nouns;
    const probed = [...monitors.values()].some(({ type }) => type !== 'push' && type !== 'calculated');
    return {
      ...(probed && { vantages: { local: {} } }),
      ...(monitors.size > 0 && { monitors: Object.fromEntries(monitors) }),
      ...(targets.size > 0 && { targets: Object.fromEntries(targets) }),
      ...(pools.size > 0 && { pools: Object.fromEntries(pools) }),
      ...(policies.size > 0 && { policies: Object.fromEntries(policies) }),
    };
  }
}

function freeName(wanted: string, taken: ReadonlyMap<string, unknown>): string {
  let name = wanted;
  for (let count = 2; taken.has(name); count += 1) {
    const suffix = `-${count}`;
    name = wanted.slice(0, LONGEST_NAME - suffix.length) + suffix;
  }
  return name;
}
