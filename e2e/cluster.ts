/**
 * A whole cluster for a test: real NATS and Redis, three targets that can be killed, and the services as the
 * processes that users run. Everything on 127.0.0.1 and ports of its own; everything ends with the test.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Status } from '@signpost/contracts/status';
import { ask, type DnsAnswer } from '@signpost/testkit/dns-client';
import { eventually } from '@signpost/testkit/eventually';
import { freePort } from '@signpost/testkit/free-port';
import { startNats, type NatsServer } from '@signpost/testkit/start-nats';
import { startSignpost, type SignpostProcess } from '@signpost/testkit/start-process';
import { startRedis, type RedisServer } from '@signpost/testkit/start-redis';
import { startTarget, type TestTarget } from '@signpost/testkit/start-target';

export const EU_CLIENT = '81.2.69.0/24';
export const US_CLIENT = '8.8.8.0/24';
export const AP_CLIENT = '133.11.0.0/16';

export interface Cluster extends AsyncDisposable {
  readonly nats: NatsServer;
  readonly redis: RedisServer;
  readonly targets: Readonly<Record<'eu' | 'us' | 'ap', TestTarget>>;
  /** Where the YAML is; a test may overwrite it. */
  readonly configFile: string;
  readonly dnsPort: number;
  readonly apiUrl: string;
  startController(env?: Readonly<Record<string, string>>): Promise<SignpostProcess>;
  startProber(vantage: string, prober?: string): Promise<SignpostProcess>;
  startAuthority(node?: string): Promise<SignpostProcess>;
  status(): Promise<Status>;
  ask(name: string, type?: string, subnet?: string): Promise<DnsAnswer>;
  /** Addresses of `go.example.net A` for a client. */
  addresses(subnet: string): Promise<string[]>;
  /** Waits until a client gets exactly one of these addresses. */
  untilAddress(subnet: string, addresses: readonly string[], deadlineMs?: number): Promise<void>;
  metrics(service: 'controller' | 'authority'): Promise<string>;
}

/** `vantages`: names of the vantages whose majority decides. */
export async function startCluster(vantages: readonly string[] = ['eu', 'us', 'ap']): Promise<Cluster> {
  const open = new AsyncDisposableStack();
  try {
    return await buildCluster(open, vantages);
  } catch (error) {
    await open.disposeAsync();
    throw error;
  }
}

async function buildCluster(open: AsyncDisposableStack, vantages: readonly string[]): Promise<Cluster> {
  const directory = await mkdtemp(join(tmpdir(), 'signpost-e2e-'));
  open.defer(() => rm(directory, { recursive: true, force: true }));
  const nats = open.use(await startNats({ jetstream: true }));
  const redis = open.use(await startRedis());
  const targets = { eu: await shortener(open), us: await shortener(open), ap: await shortener(open) };
  const configFile = join(directory, 'signpost.yaml');
  await writeFile(configFile, clusterConfiguration(targets, vantages));
  const [dnsPort, apiPort, controllerAdmin, authorityAdmin] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const shared = { SIGNPOST_NATS_URL: nats.url, SIGNPOST_REDIS_URL: redis.url, LOG_LEVEL: 'info' };
  const start = async (args: readonly string[], env: Record<string, string>): Promise<SignpostProcess> =>
    open.use(await startSignpost(args, { ...shared, ...env }));
  const adminPorts = { controller: controllerAdmin, authority: authorityAdmin };

  const cluster: Cluster = {
    nats,
    redis,
    targets,
    configFile,
    dnsPort,
    apiUrl: `http://127.0.0.1:${apiPort}`,
    startController: (env = {}) =>
      start(['controller'], {
        SIGNPOST_CONFIG: configFile,
        SIGNPOST_API_LISTEN: `127.0.0.1:${apiPort}`,
        SIGNPOST_ADMIN_LISTEN: `127.0.0.1:${controllerAdmin}`,
        ...env,
      }),
    startProber: (vantage, prober = `prober-${vantage}`) =>
      start(['prober'], {
        SIGNPOST_VANTAGE: vantage,
        SIGNPOST_PROBER: prober,
        SIGNPOST_ADMIN_LISTEN: '127.0.0.1:0',
      }),
    startAuthority: (node = 'authority-1') =>
      start(['authority'], {
        SIGNPOST_NODE: node,
        SIGNPOST_DNS_LISTEN: `127.0.0.1:${dnsPort}`,
        SIGNPOST_WORKERS: '2',
        SIGNPOST_LAMEDUCK: '200ms',
        SIGNPOST_ADMIN_LISTEN: node === 'authority-1' ? `127.0.0.1:${authorityAdmin}` : '127.0.0.1:0',
      }),
    async status() {
      const response = await fetch(`http://127.0.0.1:${apiPort}/api/v1/status`);
      return (await response.json()) as Status;
    },
    ask: (name, type = 'A', subnet) =>
      ask({
        server: '127.0.0.1',
        port: dnsPort,
        name,
        type,
        ...(subnet === undefined ? {} : { subnet }),
      }),
    async addresses(subnet) {
      const answer = await cluster.ask('go.example.net', 'A', subnet);
      return answer.answers.map((record) => String((record as { data: unknown }).data));
    },
    async untilAddress(subnet, addresses, deadlineMs = 10_000) {
      await eventually(
        () => cluster.addresses(subnet),
        (got) => got.length === 1 && addresses.includes(got[0]!),
        { deadlineMs, what: `${subnet} gets one of ${addresses.join(', ')}` },
      );
    },
    async metrics(service) {
      const response = await fetch(`http://127.0.0.1:${adminPorts[service]}/metrics`);
      return response.text();
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
  return cluster;
}

/** A cluster with one of everything, converged: European clients get a European address. */
export async function startWholeCluster(vantages?: readonly string[]): Promise<
  Cluster & {
    readonly controller: SignpostProcess;
    readonly probers: readonly SignpostProcess[];
    readonly authority: SignpostProcess;
  }
> {
  const cluster = await startCluster(vantages);
  try {
    const [controller, authority, ...probers] = await Promise.all([
      cluster.startController(),
      cluster.startAuthority(),
      ...(vantages ?? ['eu', 'us', 'ap']).map((vantage) => cluster.startProber(vantage)),
    ]);
    await cluster.untilAddress(EU_CLIENT, ['192.0.2.10', '192.0.2.11'], 30_000);
    await eventually(
      () => cluster.status(),
      (status) => status.targets.every((target) => target.state === 'up'),
      {
        deadlineMs: 15_000,
        what: 'all targets are up',
      },
    );
    return Object.assign(cluster, { controller, authority, probers });
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
}

async function shortener(open: AsyncDisposableStack): Promise<TestTarget> {
  const target = open.use(await startTarget());
  target.behave({ kind: 'answer', status: 302, headers: { location: 'https://example.net/ok' } });
  return target;
}

/** The quick start's policies over the test's targets; every second, one success or failure decides a vantage. */
export function clusterConfiguration(
  targets: Readonly<Record<'eu' | 'us' | 'ap', { readonly port: number }>>,
  vantages: readonly string[],
): string {
  const check = (name: 'eu' | 'us' | 'ap'): string =>
    `check: { address: 127.0.0.1, port: ${targets[name].port} }`;
  return `apiVersion: signpost/v1
defaults: { ttl: { stable: 30, suspect: 10, floor: 5 }, all_down: fail_open }
vantages: { ${vantages.map((vantage) => `${vantage}: {}`).join(', ')} }
monitors:
  redirect:
    type: http
    url: { scheme: http, host: go.example.net, path: /probe }
    expect: { status: [302] }
    interval: 1s
    timeout: 500ms
    rise: 1
    fall: 1
targets:
  eu-a: { a: 192.0.2.10, aaaa: "2001:db8:1::10", ${check('eu')} }
  eu-b: { a: 192.0.2.11, aaaa: "2001:db8:1::11", ${check('eu')} }
  us-a: { a: 198.51.100.10, aaaa: "2001:db8:2::10", ${check('us')} }
  ap-a: { a: 203.0.113.10, aaaa: "2001:db8:3::10", ${check('ap')} }
pools:
  eu: { monitor: redirect, members: [{ target: eu-a, weight: 80 }, { target: eu-b, weight: 20 }], min_up: 50% }
  us: { monitor: redirect, members: [{ target: us-a }] }
  ap: { monitor: redirect, members: [{ target: ap-a }] }
policies:
  global:
    rules:
      - { when: { geos: [EU, AF] }, try: [eu, us, ap] }
      - { when: { geos: [AS, OC] }, try: [ap, us, eu] }
      - { try: [us, eu, ap] }
zones:
  example.net:
    soa: { primary: ns1.example.net., contact: dns.example.net. }
    ns: [ns1.example.net.]
    records:
      go: { steer: global }
      ns1: { type: A, value: 192.0.2.53 }
`;
}
