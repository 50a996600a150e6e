/**
 * A running cluster for the detection bench: three vantages, two authorities, and targets each alone in a pool with a
 * backup behind, each with a name of its own, so that each target's death is seen apart. Damping is off.
 */
import { connectMessaging } from '@signpost/nats/messaging';
import { decodeEvent } from '@signpost/contracts/cloud-event';
import type { ConfigurationInput } from '@signpost/contracts/configuration';
import { formatDuration } from '@signpost/contracts/duration';
import { patterns } from '@signpost/contracts/subjects';
import { vantageChanged } from '@signpost/contracts/vantage-standing';
import { healthChanged } from '@signpost/contracts/verdict';
import { freePort } from '@signpost/testkit/free-port';
import { startFailingTargets, WELL_BODY, type FailingTargets } from '@signpost/testkit/start-failing-targets';
import { startServices, type Services } from '@signpost/testkit/start-services';
import { makeTestCertificates } from '@signpost/testkit/test-certificates';
import { watchAnswers, type AnswerWatch } from '@signpost/testkit/watch-answers';

import { startTargetNetwork, type TargetNetwork } from './detection-network.ts';

export interface BenchTarget {
  /** Place of its name in the watch, and number in the names of everything about it. */
  readonly number: number;
  readonly scheme: 'http' | 'https';
  readonly address: string;
  /** What is answered while it is up. */
  readonly answer: string;
  /** Shared with some others, which die with it when it is stopped. */
  readonly process: FailingTargets;
}

export interface DetectionCluster {
  readonly targets: readonly BenchTarget[];
  readonly services: Services;
  readonly watch: AnswerWatch;
  /** Undefined where packets cannot be dropped. */
  readonly network: TargetNetwork | undefined;
  /** By target: why it was last said to be down, as subscribers were told. */
  readonly reasons: Map<string, string>;
  /** Times that a vantage was quarantined; here nothing calls for it. */
  readonly quarantines: () => number;
}

export interface DetectionClusterOptions {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly schemes: ReadonlySet<'http' | 'https'>;
  readonly targetsPerScheme: number;
}

export const VANTAGES = ['eu', 'us', 'ap'];
export const AUTHORITIES = 2;
const BACKUP = '192.0.2.1';
const TARGETS_PER_PROCESS = 5;

export async function startDetectionCluster(
  options: DetectionClusterOptions,
  open: AsyncDisposableStack,
): Promise<DetectionCluster> {
  const port = await freePort();
  const certificates = {
    valid: makeTestCertificates({ names: ['target.example'] }),
    expired: makeTestCertificates({ names: ['target.example'], notAfter: new Date(Date.now() - 86_400_000) }),
  };
  const places = [...options.schemes].flatMap((scheme, i) =>
    Array.from({ length: options.targetsPerScheme }, (_, n) =>
      placeOf(i * options.targetsPerScheme + n, scheme),
    ),
  );
  const addresses = places.map(({ address }) => address);
  const network = await startTargetNetwork(addresses, open);
  const targets: BenchTarget[] = [];
  for (const [scheme, all] of Map.groupBy(places, ({ scheme }) => scheme)) {
    for (let from = 0; from < all.length; from += TARGETS_PER_PROCESS) {
      const part = all.slice(from, from + TARGETS_PER_PROCESS);
      const start = { addresses: part.map(({ address }) => address), port };
      const served = scheme === 'https' ? { ...start, certificates } : start;
      const process = open.use(await startFailingTargets(served, network?.enter));
      targets.push(...part.map((place) => ({ ...place, process })));
    }
  }
  const ca = certificates.valid.ca + certificates.expired.ca;
  const configuration = configurationOf(targets, { ...options, port, ca });
  const services = open.use(await startServices({ configuration, authorities: AUTHORITIES }));
  const names = targets.map(({ number }) => `n-${number}.detection.example`);
  const watch = open.use(await watchAnswers({ ports: services.dnsPorts, names }));
  return { targets, services, watch, network, ...(await followEvents(services, open)) };
}

function placeOf(number: number, scheme: 'http' | 'https'): Omit<BenchTarget, 'process'> {
  const [high, low] = [number >> 7, 1 + (number & 127)];
  return { number, scheme, address: `127.1.${high}.${low}`, answer: `198.18.${high}.${low}` };
}

/** The defaults, but for what is measured: interval, a timeout that fits it, and no damping. */
function configurationOf(
  targets: readonly BenchTarget[],
  { intervalMs, timeoutMs, port, ca }: DetectionClusterOptions & { port: number; ca: string },
): ConfigurationInput {
  const monitor = (scheme: 'http' | 'https', trusted: { ca?: string }) => ({
    type: 'http' as const,
    url: { scheme, host: 'target.example', port },
    expect: { contains: WELL_BODY, ...trusted },
    interval: formatDuration(intervalMs),
    timeout: formatDuration(timeoutMs),
    damping: 'off' as const,
  });
  const each = <Value>(value: (target: BenchTarget) => Value, prefix: string): Record<string, Value> =>
    Object.fromEntries(targets.map((target) => [`${prefix}-${target.number}`, value(target)]));
  return {
    apiVersion: 'signpost/v1',
    vantages: Object.fromEntries(VANTAGES.map((vantage) => [vantage, {}])),
    monitors: { http: monitor('http', {}), https: monitor('https', { ca }) },
    targets: {
      ...each(({ answer, address }) => ({ a: answer, check: { address } }), 't'),
      backup: { a: BACKUP },
    },
    pools: {
      ...each(({ number, scheme }) => ({ monitor: scheme, members: [{ target: `t-${number}` }] }), 'p'),
      backup: { members: [{ target: 'backup' }] },
    },
    policies: each(({ number }) => ({ rules: [{ try: [`p-${number}`, 'backup'] }] }), 's'),
    zones: {
      'detection.example': {
        soa: { primary: 'ns1.detection.example.', contact: 'dns.detection.example.' },
        ns: ['ns1.detection.example.'],
        records: {
          ...each(({ number }) => ({ steer: `s-${number}`, types: ['A' as const] }), 'n'),
          ns1: { type: 'A', value: '192.0.2.53' },
        },
      },
    },
  };
}

async function followEvents(services: Services, open: AsyncDisposableStack) {
  const { signal } = new AbortController();
  const messaging = open.use(await connectMessaging({ url: services.nats.url, name: 'bench', signal }));
  const reasons = new Map<string, string>();
  let quarantines = 0;
  messaging.core.subscribe(patterns.healthChanges, ({ data }) => {
    const event = decodeEvent(healthChanged, data);
    if (event.ok && event.value.data.to.state === 'down')
      reasons.set(event.value.data.target, event.value.data.reason);
  });
  messaging.core.subscribe(patterns.vantageChanges, ({ data }) => {
    const event = decodeEvent(vantageChanged, data);
    if (event.ok && event.value.data.to.state === 'quarantined') quarantines += 1;
  });
  return { reasons, quarantines: () => quarantines };
}
