/**
 * A real authority for docs/examples/steering.yaml, asked over UDP by a DNS client; health, time, load and shares are
 * what the test says, compiled by the controller's own functions. One authority per test file.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { DEFAULT_ANSWER_SETTINGS } from '@signpost/authority/worker/answer-settings';
import { runAuthority } from '@signpost/authority/run-authority';
import { checkConfiguration, formatMistake } from '@signpost/config/check-configuration';
import { compileZones, type CompileView } from '@signpost/controller/compile/compile-zone';
import { diffZones } from '@signpost/controller/compile/diff-zone';
import { splitPublication } from '@signpost/controller/compile/split-publication';
import { buildTopology } from '@signpost/controller/topology/topology';
import type { HealthState } from '@signpost/contracts/health';
import { systemClock } from '@signpost/lifecycle/clock';
import { createMemoryRecordStore } from '@signpost/memory/record-store';
import type { TargetHealth } from '@signpost/policy/health-view';
import { startTelemetry } from '@signpost/telemetry/telemetry';
import { ask, type DnsAnswer, type DnsQuestion } from '@signpost/testkit/dns-client';
import { eventually } from '@signpost/testkit/eventually';
import { writeMmdb } from '@signpost/testkit/write-mmdb';
import { TEST_UDP } from '@signpost/testkit/udp-layers';

/** Clients, by where they are. A network of documentation or of nobody each, so that no real database is asked. */
export const CLIENTS = {
  frankfurt: '81.1.0.0/24',
  london: '81.2.0.0/24',
  cairo: '81.3.0.0/24',
  newYork: '81.4.0.0/24',
  losAngeles: '81.5.0.0/24',
  tokyo: '81.6.0.0/24',
  saoPaulo: '81.7.0.0/24',
  nowhere: '81.8.0.0/24',
} as const;

const PLACES: Readonly<Record<Exclude<keyof typeof CLIENTS, 'nowhere'>, readonly (string | number)[]>> = {
  frankfurt: ['EU', 'DE', 'HE', 50.1, 8.7],
  london: ['EU', 'GB', 'ENG', 51.5, -0.1],
  cairo: ['AF', 'EG', 'C', 30, 31.2],
  newYork: ['NA', 'US', 'NY', 40.7, -74],
  losAngeles: ['NA', 'US', 'CA', 34.1, -118.2],
  tokyo: ['AS', 'JP', '13', 35.7, 139.7],
  saoPaulo: ['SA', 'BR', 'SP', -23.5, -46.6],
};

/** Of a target; `up` is what all are that are not named. */
export type States = Readonly<Record<string, HealthState | Partial<TargetHealth>>>;

export interface SteeringWorld {
  readonly port: number;
  /** Publishes what these states come to, and waits until the authority answers by it. */
  serve(states?: States, view?: CompileView): Promise<void>;
  /** `@`: the apex. */
  ask(name: string, more?: Partial<DnsQuestion>): Promise<DnsAnswer>;
  /** Addresses for one of `CLIENTS` or another network, as answered. */
  addresses(name: string, client?: string, type?: string): Promise<string[]>;
  /** How often each first address comes in so many queries of one client each, as shares. */
  shares(name: string, clients: readonly string[]): Promise<Record<string, number>>;
}

export async function startSteeringWorld(
  t: TestContext,
  change: (yaml: string) => string = (yaml) => yaml,
): Promise<SteeringWorld> {
  const file = 'docs/examples/steering.yaml';
  const checked = checkConfiguration(change(await readFile(file, 'utf8')), file);
  if (!checked.ok) throw new Error(checked.mistakes.map(formatMistake).join('\n'));
  const topology = buildTopology(checked.configuration);
  const directory = await mkdtemp(join(tmpdir(), 'signpost-steering-'));
  t.after(() => rm(directory, { recursive: true }));
  const geoDatabase = join(directory, 'city.mmdb');
  await writeFile(geoDatabase, cityDatabase());
  const asnDatabase = join(directory, 'asn.mmdb');
  await writeFile(asnDatabase, systemDatabase());
  const store = createMemoryRecordStore();
  const reader = store.reader();
  const telemetry = await startTelemetry({ service: 'test', version: '0', env: { LOG_LEVEL: 'silent' } });
  const stop = new AbortController();
  const publish = async (states: States, view: CompileView): Promise<number> => {
    const compiled = compileZones(topology, healthOf(states), view);
    const stored = await store.writer.readAll();
    const diffs = diffZones(stored.zones, compiled, { wallMs: Date.now(), serials: new Map() });
    const publications = splitPublication(diffs, {
      base: stored.generation,
      newest: stored.generation,
      atMs: Date.now(),
      why: ['a test'],
    });
    for (const publication of publications) {
      const outcome = await store.writer.publish(publication, { createdAtMs: 1, revision: 1 });
      if (outcome.kind !== 'published') throw new Error(outcome.kind);
    }
    return [...(await store.writer.readAll()).zones.values()][0]!.facts!.soa.serial;
  };
  await publish({}, {});
  const listening = Promise.withResolvers<number>();
  const ended = runAuthority({
    config: {
      node: 'steering',
      endpoints: [{ kind: 'port', host: '127.0.0.1', family: 4, port: 0 }],
      tls: undefined,
      udp: TEST_UDP,
      proxyFrom: [],
      workers: 1,
      geoDatabase,
      asnDatabase,
      lameduckMs: 0,
      answering: DEFAULT_ANSWER_SETTINGS,
    },
    reader,
    clock: systemClock,
    telemetry,
    signal: stop.signal,
    onListening: ([endpoint]) => listening.resolve(endpoint!.port),
  });
  ended.catch(listening.reject);
  t.after(async () => {
    stop.abort();
    await ended.catch(() => undefined);
    await reader[Symbol.asyncDispose]();
    await telemetry[Symbol.asyncDispose]();
  });
  const port = await listening.promise;
  const world: SteeringWorld = {
    port,
    serve: async (states = {}, view = {}) => {
      const serial = await publish(states, view);
      await eventually(
        () => ask({ server: '127.0.0.1', port, name: 'example.net', type: 'SOA' }),
        ({ answers }) => (answers[0] as { data?: { serial: number } } | undefined)?.data?.serial === serial,
      );
    },
    ask: (name, more = {}) =>
      ask({
        server: '127.0.0.1',
        port,
        name: name === '@' ? 'example.net' : `${name}.example.net`,
        type: 'A',
        ...more,
      }),
    addresses: async (name, client = 'nowhere', type = 'A') => {
      const subnet = client in CLIENTS ? CLIENTS[client as keyof typeof CLIENTS] : client;
      const { answers } = await world.ask(name, { subnet, type });
      return answers.map((answer) => String((answer as { data: unknown }).data));
    },
    shares: async (name, clients) => {
      const counts: Record<string, number> = {};
      for (const client of clients) {
        const [first = 'none'] = await world.addresses(name, client);
        counts[first] = (counts[first] ?? 0) + 1 / clients.length;
      }
      return counts;
    },
  };
  return world;
}

/** So many networks of nobody, one after the other. */
export function networks(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `100.${64 + (i >> 8)}.${i & 255}.0/24`);
}

function healthOf(states: States) {
  return (_monitor: string | undefined, target: string): TargetHealth => {
    const said = states[target] ?? 'up';
    const own = typeof said === 'string' ? { state: said } : said;
    const state = own.state ?? 'up';
    return { ipv4: state, ipv6: state, reason: 'as the test says', ...own, state };
  };
}

/** São Paulo is of the first system of the example, nobody else of any. */
function systemDatabase(): Buffer {
  const record = { autonomous_system_number: 64_500 };
  return writeMmdb([{ prefix: CLIENTS.saoPaulo, record }], { ipVersion: 6 });
}

function cityDatabase(): Buffer {
  return writeMmdb(
    Object.entries(PLACES).map(([name, [continent, country, subdivision, latitude, longitude]]) => ({
      prefix: CLIENTS[name as keyof typeof CLIENTS],
      record: {
        continent: { code: String(continent) },
        country: { iso_code: String(country) },
        subdivisions: [{ iso_code: String(subdivision) }],
        location: { latitude: Number(latitude), longitude: Number(longitude) },
      },
    })),
    { ipVersion: 6 },
  );
}
