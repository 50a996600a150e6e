/**
 * The authority without its surroundings: records in, answers out, until the signal aborts. `main.ts` runs it over
 * Redis; the embedded command runs it over libs/memory. It must not read the environment or install process hooks.
 *
 *   store -> RecordFollower (H11) -> image (H12, H13) -> workers: answerQuery
 *
 * Sockets open after the first whole snapshot, and stay open whatever happens to the store. Told to stop, it says
 * so first, answers on for the lameduck time, and then closes.
 */
import type { Tracer } from '@opentelemetry/api';
import { formatListenAddress } from '@signpost/config/listen-address';
import type { Messaging } from '@signpost/contracts/messaging';
import type { RecordReader } from '@signpost/contracts/record-store';
import type { Readiness } from '@signpost/lifecycle/admin-server';
import type { Clock } from '@signpost/lifecycle/clock';
import { seldom } from '@signpost/telemetry/seldom';
import { SPANS } from '@signpost/telemetry/span-names';
import type { Telemetry } from '@signpost/telemetry/telemetry';
import type { UdpLayerName } from '@signpost/contracts/udp-layer';
import { batchedIsMissing, chooseUdpLayer } from '@signpost/udp/udp-layer';

import { ClientTables } from './client/client-tables.ts';
import { serveCertificate } from './certificate/serve-certificate.ts';
import type { AuthorityConfig } from './config.ts';
import { LastAnswers } from './count/last-answers.ts';
import { type Databases, followDatabases } from './follow-databases.ts';
import type { DnsEndpoint } from './listen/endpoint.ts';
import type { Certificate } from './listen/tls-listener.ts';
import { LatencyFollower } from './latency/follow-latencies.ts';
import {
  observeClientTables,
  observeCounters,
  observeLatencies,
  observeState,
  tellFollowing,
} from './observe-authority.ts';
import { RecordImage } from './image/record-image.ts';
import { RecordFollower } from './replica/follow-records.ts';
import type { RecordSink } from './replica/record-sink.ts';
import type { TlsSettings } from './read-listen-settings.ts';
import { RetiredTargets } from './replica/retired-targets.ts';
import { SystemsAsked } from './replica/systems-asked.ts';
import { type AuthorityVitals, sendHeartbeats } from './send-heartbeats.ts';
import { sendSamples } from './send-samples.ts';
import { startWorkers, type WorkerPool } from './worker/worker-pool.ts';

export interface AuthorityOptions {
  readonly config: AuthorityConfig;
  /** Read only; stays the caller's to dispose. */
  readonly reader: RecordReader;
  /** For heartbeats and samples of answers alone. A promise where NATS is still to be reached. */
  readonly messaging?: Messaging | Promise<Messaging>;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'logger' | 'metrics' | 'tracer'>;
  readonly signal: AbortSignal;
  /** The sockets are open: where for UDP and TCP and where for TLS, with port 0 replaced. Called once. */
  readonly onListening?: (endpoints: readonly DnsEndpoint[], tls: readonly DnsEndpoint[]) => void;
  /** Called at the start and at each change. */
  readonly onReadiness?: (readiness: Readiness) => void;
  /** How often the files of databases are looked at. */
  readonly geoPollMs?: number;
  /** How often the certificate's files are looked at. */
  readonly certificatePollMs?: number;
}

const STALENESS_LOOK_MS = 1_000;

/** Resolves after a clean stop. Rejects when sockets cannot be opened, a database cannot be used, or a worker ends. */
export async function runAuthority(options: AuthorityOptions): Promise<void> {
  await using authority = new RunningAuthority(options);
  await authority.loadDatabases();
  if (!(await authority.firstSnapshot())) return;
  await authority.listen();
  await authority.untilStopped();
  await authority.lameduck();
}

class RunningAuthority implements AsyncDisposable {
  readonly #options: AuthorityOptions;
  readonly #udp: UdpLayerName;
  readonly #pool: WorkerPool;
  readonly #follower: RecordFollower;
  readonly #retired = new RetiredTargets();
  readonly #systemsAsked: SystemsAsked;
  readonly #clientTables: ClientTables;
  readonly #lastAnswers: LastAnswers;
  readonly #latencies: LatencyFollower;
  readonly #loaded = Promise.withResolvers<void>();
  /** Rejects when going on would be a lie. */
  readonly #failure = Promise.withResolvers<never>();
  /** Ends what runs in the background: after the lameduck time, not when the signal aborts. */
  readonly #stop = new AbortController();
  readonly #background: Promise<void>[] = [];
  /** Closed from last to first. */
  readonly #open = new AsyncDisposableStack();
  #endpoints: readonly DnsEndpoint[] = [];
  #isReady = false;

  constructor(options: AuthorityOptions) {
    this.#options = options;
    const { config, reader, clock, telemetry } = options;
    const { logger, metrics, tracer } = telemetry;
    this.#setReadiness(['the first whole snapshot is not here yet']);
    this.#udp = chooseUdpLayer(config.udp);
    this.#pool = this.#open.use(
      startWorkers(
        config.workers,
        // Without NATS nobody would hear of them.
        options.messaging === undefined ? { ...config.answering, samplesPerSecond: 0 } : config.answering,
        this.#udp,
      ),
    );
    this.#lastAnswers = new LastAnswers({
      retired: () => this.#retired.retired,
      timesOf: (targets) => this.#pool.lastAnswers(targets),
    });
    this.#failure.promise.catch(() => {}); // it counts only for whoever waits for it
    this.#pool.failed.catch(this.#failure.reject);
    this.#open.use(observeCounters(metrics, this.#pool.counters));
    this.#systemsAsked = new SystemsAsked((owner) => {
      if (config.asnDatabase !== undefined) return;
      const message =
        'rules on autonomous systems match nobody: there is no database of them, name one in SIGNPOST_ASN_DB';
      logger.warn({ owner }, message);
    });
    this.#clientTables = new ClientTables({
      publish: (rules, table) => this.#pool.setClientTable(rules, table),
      signal: this.#stop.signal,
      onFailure: this.#failure.reject,
    });
    this.#open.use(observeClientTables(metrics, this.#clientTables));
    const image = new RecordImage({
      publish: (memory) => this.#pool.setImage(memory),
      onProblem: (problem) => logger.error(problem, 'a record cannot be served'),
    });
    const watched = this.#clientTables.watching(this.#retired.watching(image));
    const isNews = seldom(() => clock.monotonic());
    this.#follower = new RecordFollower({
      reader,
      sink: traced(this.#systemsAsked.watching(watched), tracer),
      clock,
      signal: this.#stop.signal,
      draw: Math.random,
      onEvent: (event) => {
        tellFollowing(logger, metrics, event, isNews);
        if (event.kind === 'loaded') this.#loaded.resolve();
      },
    });
    this.#latencies = new LatencyFollower({
      reader,
      clock,
      signal: this.#stop.signal,
      publish: (octets) => this.#pool.setLatencies(octets),
      onRefused: (reason) =>
        logger.warn({ reason }, 'the table of round trips cannot be read: the last good one stays'),
    });
    this.#open.use(observeLatencies(metrics, this.#latencies));
    this.#open.defer(() => this.#endBackground());
  }

  /** Before anything is answered, since rules on places would answer wrongly without them. */
  async loadDatabases(): Promise<void> {
    const { config, telemetry, geoPollMs: pollMs } = this.#options;
    const { geoDatabase, asnDatabase } = config;
    const onFailure = this.#failure.reject;
    const onReload = (): void => this.#clientTables.lookAgain();
    const options = { geoDatabase, asnDatabase, pool: this.#pool, telemetry, onReload, onFailure, pollMs };
    const databases = this.#open.use(await followDatabases(options));
    this.#clientTables.buildFrom(databases);
    this.#observe(databases);
  }

  /** False: told to stop before there was one. */
  async firstSnapshot(): Promise<boolean> {
    const { clock, messaging, config, signal, telemetry } = this.#options;
    const stop = this.#stop.signal;
    this.#background.push(this.#follower.run());
    this.#background.push(this.#latencies.run().catch(this.#failure.reject));
    this.#background.push(tellStaleness(this.#follower, this.#pool, clock, stop).catch(this.#failure.reject));
    if (messaging !== undefined) {
      const vitals = () => this.#allVitals().catch(() => undefined); // a worker ended: that is told elsewhere
      const { node, answering } = config;
      this.#background.push(sendHeartbeats({ messaging, node, clock, signal: stop, vitals }));
      const take = () => this.#pool.takeSamples().catch(() => undefined);
      const onSent = (samples: number) => telemetry.metrics.add('signpost_answer_samples_total', {}, samples);
      if (answering.samplesPerSecond > 0) {
        this.#background.push(sendSamples({ messaging, node, clock, signal: stop, take, onSent }));
      }
    }
    return Promise.race([
      this.#loaded.promise.then(() => true),
      aborted(signal).then(() => false),
      this.#failure.promise,
    ]);
  }

  async listen(): Promise<void> {
    const { config, telemetry, onListening } = this.#options;
    const { endpoints, tls, proxyFrom } = config;
    if (tls !== undefined) await this.#startTls(tls);
    const opened = await this.#pool.open({ dns: endpoints, tls: tls?.endpoints ?? [], proxyFrom });
    this.#endpoints = opened.dns;
    const { generation, listens } = this.#vitals();
    telemetry.logger.info(
      {
        listens,
        tls: opened.tls.map(formatListenAddress),
        workers: config.workers,
        generation,
        udp: this.#udp,
      },
      'answering',
    );
    if (config.udp === 'auto' && this.#udp === 'dgram') {
      const reason = batchedIsMissing();
      telemetry.logger.info(
        { reason },
        'UDP goes through node:dgram, which costs more per query than batches',
      );
    }
    onListening?.(opened.dns, opened.tls);
    this.#setReadiness([]);
  }

  async #startTls(tls: TlsSettings): Promise<void> {
    const { clock, telemetry, certificatePollMs: pollMs } = this.#options;
    const publish = (certificate: Certificate): Promise<void> => this.#pool.setCertificate(certificate);
    await publish(tls.certificate);
    const serving = serveCertificate({ tls, clock, telemetry, signal: this.#stop.signal, publish, pollMs });
    this.#background.push(serving.catch(this.#failure.reject));
  }

  async untilStopped(): Promise<void> {
    await Promise.race([aborted(this.#options.signal), this.#failure.promise]);
  }

  /** Time for load balancers and other nodes' health checks to see that this one is going. */
  async lameduck(): Promise<void> {
    const { clock, config, telemetry } = this.#options;
    this.#setReadiness(['stopping']);
    telemetry.logger.info({ lameduckMs: config.lameduckMs }, 'stopping: answering on for a while');
    await Promise.race([clock.sleep(config.lameduckMs), this.#failure.promise]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#setReadiness(['stopping']);
    await this.#open.disposeAsync();
  }

  async #endBackground(): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled(this.#background);
  }

  #setReadiness(reasons: readonly string[]): void {
    this.#isReady = reasons.length === 0;
    this.#options.onReadiness?.({ ready: this.#isReady, reasons });
  }

  /** The generation first: what is read after it counts every answer that was given before it was applied. */
  async #allVitals(): Promise<AuthorityVitals> {
    const vitals = this.#vitals();
    return { ...vitals, ...(await this.#lastAnswers.read(this.#options.clock.now())) };
  }

  #vitals(): Omit<AuthorityVitals, 'lastAnswers' | 'lastAnswersCut'> {
    return {
      generation: this.#follower.generation,
      ready: this.#isReady,
      storeConnected: this.#options.reader.connected(),
      listens: this.#endpoints.map(formatListenAddress),
    };
  }

  #observe({ geo, systems }: Databases): void {
    const { telemetry, clock, reader } = this.#options;
    this.#open.use(
      observeState(telemetry.metrics, {
        follower: this.#follower,
        geo,
        systems,
        udp: this.#udp,
        systemsMissed: () => (systems === undefined ? this.#systemsAsked.count : 0),
        clock,
        ready: () => this.#isReady,
        storeConnected: () => reader.connected(),
      }),
    );
  }
}

/** Marks the workers' answers (EDE 3) while nobody was heard who would know better. */
async function tellStaleness(
  follower: RecordFollower,
  pool: WorkerPool,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  let told = false;
  while (!signal.aborted) {
    await clock.sleep(STALENESS_LOOK_MS, signal).catch(() => undefined);
    const isStale = follower.isStale();
    if (isStale === told || signal.aborted) continue;
    await pool.setStale(isStale);
    told = isStale;
  }
}

/** A span for each step from the change feed into the workers. */
function traced(sink: RecordSink, tracer: Tracer): RecordSink {
  return {
    ...sink,
    apply: (publications) =>
      tracer.startActiveSpan(SPANS.follow, async (span) => {
        span.setAttribute('signpost.generation', publications.at(-1)?.generation ?? 0);
        try {
          await sink.apply(publications);
        } finally {
          span.end();
        }
      }),
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
