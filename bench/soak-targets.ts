/** What the soak runs: one target that fails now and then, one that flaps, both with everything at its default. */
import type { ConfigurationInput } from '@signpost/contracts/configuration';

export interface SoakTarget {
  readonly name: 'fails-each-fifth' | 'flaps';
  readonly address: string;
  readonly answer: string;
}

export const SOAK_TARGETS: readonly SoakTarget[] = [
  { name: 'fails-each-fifth', address: '127.1.0.1', answer: '198.18.0.1' },
  { name: 'flaps', address: '127.1.0.2', answer: '198.18.0.2' },
];

/** Defaults all through, but for an interval in which ten minutes hold many probes, and the timeout that fits it. */
export function soakConfiguration(port: number): ConfigurationInput {
  const each = <Value>(value: (target: SoakTarget) => Value): Record<string, Value> =>
    Object.fromEntries(SOAK_TARGETS.map((target) => [target.name, value(target)]));
  return {
    apiVersion: 'signpost/v1',
    vantages: { eu: {}, us: {}, ap: {} },
    monitors: {
      web: { type: 'http', url: { host: 'soak.example', port }, interval: '1s', timeout: '500ms' },
    },
    targets: {
      ...each(({ answer, address }) => ({ a: answer, check: { address } })),
      backup: { a: '192.0.2.1' },
    },
    pools: {
      ...each(({ name }) => ({ monitor: 'web', members: [{ target: name }] })),
      backup: { members: [{ target: 'backup' }] },
    },
    policies: each(({ name }) => ({ rules: [{ try: [name, 'backup'] }] })),
    zones: {
      'soak.example': {
        soa: { primary: 'ns1.soak.example.', contact: 'dns.soak.example.' },
        ns: ['ns1.soak.example.'],
        records: {
          ...each(({ name }) => ({ steer: name, types: ['A' as const] })),
          ns1: { type: 'A', value: '192.0.2.53' },
        },
      },
    },
  };
}
