/**
 * A worker thread: answers queries from the image and does what the main thread asks in between. It never
 * talks to Redis or NATS, reads no file and logs nothing; what is to be told goes back in replies.
 */
import { parentPort, workerData } from 'node:worker_threads';

import { ServerCookies } from '@signpost/dns/server-cookie';
import { openGeoDatabase, openSystemDatabase } from '@signpost/geo/mmdb-file';
import { udpLayer } from '@signpost/udp/udp-layer';

import { FlattenedRules } from '../client/flattened-rules.ts';
import { AnswerSampler } from '../count/answer-sampler.ts';
import { Counters } from '../count/counters.ts';
import { latencyTableOf } from '../latency/latency-table-of.ts';
import { readSamples, type SamplesByZone } from '../count/read-samples.ts';
import { ImageSnapshot } from '../image/read-image.ts';
import { Connections } from '../listen/connections.ts';
import { ListenError, type Listens } from '../listen/endpoint.ts';
import { Responder } from '../listen/responder.ts';
import { TCP_LIMITS } from '../listen/tcp-limits.ts';
import { openTcpListener } from '../listen/tcp-listener.ts';
import { type Certificate, openTlsListener, type TlsListener } from '../listen/tls-listener.ts';
import { openUdpListener } from '../listen/udp-listener.ts';
import { RateLimiter } from '../limit/rate-limiter.ts';
import { chaosTexts } from '../serve/chaos-texts.ts';
import { QueryContext } from '../serve/query-context.ts';
import { uniformDraws } from '../serve/uniform-draws.ts';
import { collectGarbage } from './collect-garbage.ts';
import type { SharedStart } from './shared-start.ts';
import type { WorkerReply, WorkerRequest, WorkerStart } from './worker-messages.ts';

const { counters: memory, shared: start, udp } = workerData as WorkerStart;
const port = parentPort!;
const context = newContext(start);
const counters = new Counters(memory);
const monotonic = (): number => performance.now();
const responder = new Responder(context, counters, monotonic, Date.now);
const slotOf = (target: string): number => context.answered.slotOf(target);
const flattened = new FlattenedRules();
const connections = new Connections({ limits: TCP_LIMITS, counters, monotonic });
const layer = udpLayer(udp);
let listeners = new AsyncDisposableStack();
let tlsListeners: TlsListener[] = [];
let certificate: Certificate | undefined;

/** One after the other: a reply tells that everything before it is done too. */
let queue = Promise.resolve();
port.on('message', (request: WorkerRequest) => {
  queue = queue.then(async () => port.postMessage(await reply(request)));
});

async function reply(request: WorkerRequest): Promise<WorkerReply> {
  try {
    if (request.kind === 'last_answers') return lastAnswers(request.targets);
    if (request.kind === 'samples') return { kind: 'samples', byZone: samples() };
    await carryOut(request);
    return { kind: 'done' };
  } catch (error) {
    if (error instanceof ListenError) {
      return { kind: 'not_listening', message: error.message, portTaken: error.portTaken };
    }
    return {
      kind: 'failed',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
}

function lastAnswers(targets: readonly string[]): WorkerReply {
  return { kind: 'last_answers', times: targets.map((target) => context.answered.timeOf(target)) };
}

function samples(): SamplesByZone {
  const { sampler, answered } = context;
  return sampler === undefined ? new Map() : readSamples(sampler, answered);
}

type Carried = Exclude<WorkerRequest, { kind: 'last_answers' | 'samples' }>;

async function carryOut(request: Carried): Promise<void> {
  switch (request.kind) {
    case 'image':
      context.snapshot = new ImageSnapshot(request.memory, slotOf, (set) => flattened.of(set)); // H13
      break;
    case 'collect':
      collectGarbage();
      break;
    case 'geo':
      context.client.places = openGeoDatabase(request.octets, request.file);
      flattened.forget('usesPlaces');
      break;
    case 'systems':
      context.client.systems = openSystemDatabase(request.octets, request.file);
      flattened.forget('usesSystems');
      break;
    case 'client_table':
      flattened.put(request.rules, request.table);
      break;
    case 'latencies':
      context.latencies = latencyTableOf(request.octets, slotOf);
      break;
    case 'stale':
      context.isStale = request.isStale;
      break;
    case 'certificate':
      certificate = request.certificate;
      for (const listener of tlsListeners) listener.renew(certificate);
      break;
    case 'open':
      await open(request.listens);
      break;
    case 'close':
      await close();
      break;
    default:
      throw new TypeError(`unhandled request ${JSON.stringify(request satisfies never)}`);
  }
}

function newContext({ cookieSecrets, nsid, server, rateLimit, samplesPerSecond }: SharedStart): QueryContext {
  const context = new QueryContext(uniformDraws(crypto.getRandomValues(new Int32Array(4))));
  context.cookies = new ServerCookies(cookieSecrets);
  context.nsid = nsid;
  context.chaos = chaosTexts(server);
  const keepalive = Math.round(TCP_LIMITS.idleMs / 100);
  context.keepalive = Uint8Array.of(keepalive >>> 8, keepalive);
  if (rateLimit !== undefined) {
    context.limiter = new RateLimiter(rateLimit.memory, rateLimit.secret, rateLimit.limits, Math.random);
  }
  if (samplesPerSecond > 0) {
    context.sampler = new AnswerSampler(samplesPerSecond, Math.floor(Math.random() * 2 ** 31));
  }
  return context;
}

/** All sockets or none. */
async function open({ dns, tls, proxyFrom }: Listens): Promise<void> {
  const shared = { responder, counters, connections, limits: TCP_LIMITS, monotonic, proxyFrom };
  try {
    for (const endpoint of dns) {
      listeners.use(await openUdpListener({ endpoint, layer, responder, counters, proxyFrom }));
      listeners.use(await openTcpListener({ ...shared, endpoint }));
    }
    for (const endpoint of tls) {
      const given = { ...shared, endpoint, certificate: certificate!, ticketKeys: start.ticketKeys };
      tlsListeners.push(listeners.use(await openTlsListener(given)));
    }
  } catch (error) {
    await close();
    throw error;
  }
}

async function close(): Promise<void> {
  const open = listeners;
  listeners = new AsyncDisposableStack();
  tlsListeners = [];
  await open.disposeAsync();
}
