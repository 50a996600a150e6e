/** A small configuration to simulate, for tests: two pools, or two targets with weights, behind go.example.net. */
import { checkConfiguration, formatMistake } from '@signpost/config/check-configuration';
import type { Configuration } from '@signpost/contracts/configuration';
import { NOWHERE } from '@signpost/contracts/place';
import { buildTopology } from '@signpost/controller/topology/topology';

import type { Recording } from '../recorder.ts';
import { readScenario } from '../read-scenario.ts';
import { simulate } from '../simulate.ts';
import type { SimulationSettings } from '../simulation-settings.ts';
import { type SteeredName, steeredName } from '../steered-name.ts';

export interface SmallWorld {
  /** YAML of a policy. */
  readonly policy?: string;
  /** YAML of the TTL. */
  readonly ttl?: string;
  /** YAML of the settings of the monitor. */
  readonly monitor?: string;
  /** YAML of what pool us can carry; pool eu can carry as much. */
  readonly load?: string;
}

export function configurationOf({
  policy = '{ rules: [{ try: [eu, us] }] }',
  ttl = '60',
  monitor = 'type: tcp, port: 80, interval: 10s',
  load,
}: SmallWorld = {}): Configuration {
  const limits = load === undefined ? '' : `, load: ${load}`;
  const text = `
apiVersion: signpost/v1
vantages: { eu: {}, us: {}, ap: {} }
monitors:
  web: { ${monitor} }
targets:
  eu-a: { a: 192.0.2.10 }
  eu-b: { a: 192.0.2.11 }
  us-a: { a: 198.51.100.10 }
pools:
  eu: { monitor: web, members: [{ target: eu-a, weight: 80 }, { target: eu-b, weight: 20 }]${limits} }
  us: { monitor: web, members: [{ target: us-a }]${limits} }
policies:
  steering: ${policy}
zones:
  example.net:
    soa: { primary: ns1.example.net., contact: dns.example.net., negative_ttl: 30 }
    ns: [ns1.example.net.]
    records:
      go: { steer: steering, ttl: ${ttl} }
      ns1: { type: A, value: 192.0.2.53 }
`;
  const checked = checkConfiguration(text, 'world.yaml');
  if (!checked.ok) throw new Error(checked.mistakes.map(formatMistake).join('\n'));
  return checked.configuration;
}

export function nameOf(configuration: Configuration): SteeredName {
  const name = steeredName(buildTopology(configuration), undefined);
  if (typeof name === 'string') throw new Error(name);
  return name;
}

/** `scenario`: YAML. */
export function simulated(
  world: SmallWorld,
  scenario: string,
  settings: Partial<SimulationSettings> = {},
): Recording {
  const configuration = configurationOf(world);
  const read = readScenario(scenario, 'scenario.yaml', configuration);
  if (!read.ok) throw new Error(read.mistakes.join('\n'));
  return simulate({
    configuration,
    name: nameOf(configuration),
    scenario: read.scenario,
    finder: { place: () => NOWHERE },
    durationMs: 600_000,
    startMs: Date.UTC(2026, 0, 5, 12),
    seed: 1,
    ...settings,
  });
}

export function sum(counts: Iterable<number>): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
