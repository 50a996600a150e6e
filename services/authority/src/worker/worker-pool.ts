/**
 * The main thread's side of the workers: starts them, tells all of them the same, and ends loudly when one of them
 * ends. A service with fewer workers than it was asked for would look healthy and be slow.
 */
import { Worker } from 'node:worker_threads';

import type { AnswerSample } from '@signpost/contracts/answer-sample';
import type { UdpLayerName } from '@signpost/contracts/udp-layer';
import type { ClientTable } from '@signpost/policy/client-table';

import { countersMemory } from '../count/counters.ts';
import type { SamplesByZone } from '../count/read-samples.ts';
import { choosePorts } from '../listen/choose-ports.ts';
import { ListenError, type Listens } from '../listen/endpoint.ts';
import type { Certificate } from '../listen/tls-listener.ts';
import { emptyImage, type ImageMemory, writtenOctets } from '../image/layout.ts';
import type { AnswerSettings } from './answer-settings.ts';
import { collectSeldom, releaseMemory } from './collect-garbage.ts';
import { type SharedStart, sharedStart } from './shared-start.ts';
import type { WorkerReply, WorkerRequest, WorkerStart } from './worker-messages.ts';

/** A worker ended or failed: the service cannot go on. */
export class WorkerError extends Error {
  readonly code = 'SIGNPOST_WORKER';
  override readonly name = 'WorkerError';
}

export interface WorkerPool extends AsyncDisposable {
  /** What each worker counts. */
  readonly counters: readonly SharedArrayBuffer[];
  /** Rejects when a worker ends that was not asked to; never resolves. */
  readonly failed: Promise<never>;
  /** All sockets of all workers, or ListenError and none. Port 0 is replaced by a free one, the same for all workers. */
  open(listens: Listens): Promise<Listens>;
  /** Resolves when all answer from it, and nobody from the one before. */
  setImage(memory: ImageMemory): Promise<void>;
  /** For TLS handshakes from now on; before `open` when there is TLS to open. */
  setCertificate(certificate: Certificate): Promise<void>;
  setGeo(octets: Uint8Array, file: string): Promise<void>;
  /** The database of autonomous systems. */
  setSystems(octets: Uint8Array, file: string): Promise<void>;
  /** For all record sets with rules of this key; holds until another database comes. Undefined: it is given up. */
  setClientTable(rules: string, table: ClientTable | undefined): Promise<void>;
  setLatencies(octets: Uint8Array | undefined): Promise<void>;
  setStale(isStale: boolean): Promise<void>;
  /** What the workers sampled since the last call. */
  takeSamples(): Promise<SamplesByZone>;
  /** When any worker last gave each target, milliseconds since 1970; 0: none did. */
  lastAnswers(targets: readonly string[]): Promise<readonly number[]>;
}

const OPEN_ATTEMPTS = 10;
/** From an image to the search for what it replaced: until then whoever made it has forgotten that as well. */
const COLLECT_AFTER_MS = 1_000;
/** Of images that were replaced: less than this may stay until a thread collects by itself. */
const LARGE_OCTETS = 16 * 2 ** 20;

export function startWorkers(count: number, settings: AnswerSettings, udp: UdpLayerName): WorkerPool {
  const { promise: failed, reject: fail } = Promise.withResolvers<never>();
  failed.catch(() => {}); // it counts only for whoever waits for it
  collectSeldom();
  const shared = sharedStart(settings, count);
  const workers = Array.from({ length: count }, () => new AnswerWorker(shared, udp, fail));
  const tellAll = async (request: WorkerRequest): Promise<void> => {
    await Promise.all(workers.map((worker) => worker.ask(request)));
  };
  let collecting: NodeJS.Timeout | undefined;
  let replacedOctets = 0;
  let image = emptyImage();
  /** One thread after the other, so that never all of them pause; for little, those that answer do not. */
  const collect = async (): Promise<void> => {
    const isWorthIt = replacedOctets >= LARGE_OCTETS;
    replacedOctets = 0;
    if (isWorthIt) for (const worker of workers) await worker.ask({ kind: 'collect' });
    await releaseMemory();
  };
  return {
    counters: workers.map(({ counters }) => counters),
    failed,
    async setImage(memory) {
      await tellAll({ kind: 'image', memory });
      replacedOctets += writtenOctets(image);
      image = memory;
      clearTimeout(collecting);
      collecting = setTimeout(() => void collect().catch(() => {}), COLLECT_AFTER_MS).unref();
    },
    setGeo: (octets, file) => tellAll({ kind: 'geo', octets, file }),
    setSystems: (octets, file) => tellAll({ kind: 'systems', octets, file }),
    setClientTable: (rules, table) => tellAll({ kind: 'client_table', rules, table }),
    setLatencies: (octets) => tellAll({ kind: 'latencies', octets }),
    setStale: (isStale) => tellAll({ kind: 'stale', isStale }),
    setCertificate: (certificate) => tellAll({ kind: 'certificate', certificate }),
    async lastAnswers(targets) {
      const replies = await Promise.all(
        workers.map((worker) => worker.ask({ kind: 'last_answers', targets })),
      );
      return targets.map((_, index) =>
        Math.max(...replies.map((reply) => (reply.kind === 'last_answers' ? reply.times[index]! : 0))),
      );
    },
    async takeSamples() {
      const replies = await Promise.all(workers.map((worker) => worker.ask({ kind: 'samples' })));
      const byZone = new Map<string, AnswerSample[]>();
      for (const reply of replies) {
        if (reply.kind !== 'samples') continue;
        for (const [apex, samples] of reply.byZone) {
          byZone.set(apex, [...(byZone.get(apex) ?? []), ...samples]);
        }
      }
      return byZone;
    },
    open: (listens) => openAll(workers, listens),
    async [Symbol.asyncDispose]() {
      clearTimeout(collecting);
      await Promise.all(workers.map((worker) => worker.stop()));
    },
  };
}

/** Another process may take a free port between its choice and its use; a port that was asked for is not tried again. */
async function openAll(workers: readonly AnswerWorker[], asked: Listens): Promise<Listens> {
  const mayChoose = [...asked.dns, ...asked.tls].some(({ port }) => port === 0);
  for (let attempt = 1; ; attempt += 1) {
    const listens = await choosePorts(asked);
    const opened = await Promise.allSettled(workers.map((worker) => worker.ask({ kind: 'open', listens })));
    const refused = opened.find((outcome) => outcome.status === 'rejected');
    if (refused === undefined) return listens;
    await Promise.all(workers.map((worker) => worker.ask({ kind: 'close' })));
    const error: unknown = refused.reason;
    const isCollision = mayChoose && error instanceof ListenError && error.portTaken;
    if (!isCollision || attempt === OPEN_ATTEMPTS) throw error;
  }
}

type Done = Extract<WorkerReply, { kind: 'done' | 'last_answers' | 'samples' }>;

class AnswerWorker {
  readonly counters = countersMemory();
  readonly #worker: Worker;
  readonly #onFailure: (error: WorkerError) => void;
  /** Asked and not answered yet, oldest first. */
  readonly #waiting: PromiseWithResolvers<Done>[] = [];
  #end: WorkerError | undefined;
  #stopping = false;

  constructor(shared: SharedStart, udp: UdpLayerName, onFailure: (error: WorkerError) => void) {
    this.#onFailure = onFailure;
    const start: WorkerStart = { counters: this.counters, udp, shared };
    const file = new URL('answer-worker.ts', import.meta.url);
    this.#worker = new Worker(file, { workerData: start, name: 'answer' });
    this.#worker.on('message', (reply: WorkerReply) => this.#settle(reply));
    this.#worker.on('error', (cause) =>
      this.#ended(new WorkerError(`a worker failed: ${String(cause)}`, { cause })),
    );
    this.#worker.on('exit', (code) => this.#ended(new WorkerError(`a worker ended with code ${code}`)));
  }

  ask(request: WorkerRequest): Promise<Done> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    const waiting = Promise.withResolvers<Done>();
    this.#waiting.push(waiting);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    this.#worker.postMessage(request);
    return waiting.promise;
  }

  /** Sockets first, so that what came in time is answered. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.ask({ kind: 'close' }).catch(() => undefined);
    await this.#worker.terminate();
  }

  /** No reply will come any more. */
  #ended(error: WorkerError): void {
    this.#end ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#end);
    if (!this.#stopping) this.#onFailure(this.#end);
  }

  #settle(reply: WorkerReply): void {
    const waiting = this.#waiting.shift()!;
    switch (reply.kind) {
      case 'done':
      case 'last_answers':
      case 'samples':
        return waiting.resolve(reply);
      case 'not_listening':
        return waiting.reject(new ListenError(reply.message, reply.portTaken));
      case 'failed': {
        const error = new WorkerError(reply.message);
        waiting.reject(error);
        return this.#onFailure(error);
      }
      default:
        throw new TypeError(`unhandled reply ${JSON.stringify(reply satisfies never)}`);
    }
  }
}
