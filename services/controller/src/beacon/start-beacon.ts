/**
 * The endpoint that browsers send their round trips to: `POST /beacon` on a listener of its own, without a token, so
 * everything a stranger can send is limited before it is read. Of the client only its prefix goes on, and nothing of it
 * into logs. It must not decide what a measurement is worth.
 */
import type { ListenAddress } from '@signpost/config/listen-address';
import type { Clock } from '@signpost/lifecycle/clock';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';

import { prefixText } from '../latency/prefix-key.ts';
import { listenHttp } from '../listen-http.ts';
import { beaconClient } from './beacon-client.ts';
import type { BeaconConfig } from './beacon-config.ts';
import { BeaconLimiter, type BeaconLimits } from './beacon-limits.ts';
import { MAX_BEACON, readBeacon } from './read-beacon.ts';

/** What became of a request. */
export type BeaconOutcome = 'taken' | 'limited' | 'refused' | 'unsent';

export interface BeaconOptions extends BeaconConfig {
  readonly clock: Clock;
  readonly isKnown: (target: string) => boolean;
  /** False: it could not be taken. */
  readonly onMeasured: (target: string, measurement: { client: string; ms: number }) => boolean;
  readonly onOutcome: (outcome: BeaconOutcome) => void;
  readonly limits?: BeaconLimits;
}

export interface BeaconListener extends AsyncDisposable {
  readonly address: ListenAddress;
}

const PATH = '/beacon';
const MOST_CONNECTIONS = 2_000;
const MAX_HEADERS = 8 * 1_024;
const PREFLIGHT_SECONDS = '86400';

export async function startBeacon(options: BeaconOptions): Promise<BeaconListener> {
  const app = fastify({
    bodyLimit: MAX_BEACON,
    requestTimeout: 5_000,
    connectionTimeout: 10_000,
    keepAliveTimeout: 5_000,
    forceCloseConnections: true,
    http: { maxHeaderSize: MAX_HEADERS },
  });
  app.server.maxConnections = MOST_CONNECTIONS;
  admit(app, options);
  // `navigator.sendBeacon` sends a text as text/plain, which needs no leave of another site.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.options(PATH, (_request, reply) =>
    reply
      .header('access-control-allow-methods', 'POST')
      .header('access-control-allow-headers', 'content-type')
      .header('access-control-max-age', PREFLIGHT_SECONDS)
      .code(204)
      .send(),
  );
  app.post(PATH, (request, reply) => takeBeacon(request, reply, options));
  app.setErrorHandler((error: { statusCode?: number }, _request, reply) => {
    options.onOutcome('refused');
    return reply.code(error.statusCode ?? 500).send();
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send());
  const address = await listenHttp(app, options.listen, 'SIGNPOST_BEACON_LISTEN');
  return { address, [Symbol.asyncDispose]: () => app.close() };
}

/** Before a body is read: the rates, the page's origin, and who asks. */
function admit(app: FastifyInstance, options: BeaconOptions): void {
  const { clock, origins, onOutcome } = options;
  const limiter = new BeaconLimiter(options.limits);
  const anyOrigin = origins.includes('*');
  app.decorateRequest('clientPrefix', '');
  app.addHook('onRequest', (request, reply, done) => {
    const refuse = (outcome: BeaconOutcome, status: number): void => {
      onOutcome(outcome);
      // Not kept open for one whose body will not be read.
      void reply.header('connection', 'close').code(status).send();
    };
    const nowMs = clock.monotonic();
    if (!limiter.mayAsk(nowMs)) return refuse('limited', 429);
    const { origin } = request.headers;
    if (origin === undefined || !(anyOrigin || origins.includes(origin))) return refuse('refused', 403);
    void reply.header('access-control-allow-origin', anyOrigin ? '*' : origin).header('vary', 'origin');
    if (request.method !== 'POST') return done();
    const client = clientOf(request, options);
    if (client === undefined) return refuse('refused', 400);
    if (!limiter.maySend(client, nowMs)) return refuse('limited', 429);
    request.setDecorator('clientPrefix', client);
    done();
  });
}

function clientOf(request: FastifyRequest, { trustedProxies }: BeaconOptions): string | undefined {
  const forwarded = request.headers['x-forwarded-for'];
  const header = Array.isArray(forwarded) ? forwarded.join(',') : forwarded;
  const client = beaconClient(request.socket.remoteAddress, header, trustedProxies);
  return client === undefined ? undefined : prefixText(client.octets);
}

function takeBeacon(request: FastifyRequest, reply: FastifyReply, options: BeaconOptions): FastifyReply {
  const { isKnown, onMeasured, onOutcome } = options;
  const beacon = readBeacon(typeof request.body === 'string' ? request.body : '');
  if (!beacon.ok) {
    onOutcome('refused');
    return reply.code(400).send();
  }
  const client = request.getDecorator<string>('clientPrefix');
  const known = Object.entries(beacon.value).filter(([target]) => isKnown(target));
  const taken = known.filter(([target, ms]) => onMeasured(target, { client, ms }));
  if (known.length === 0) onOutcome('refused');
  else onOutcome(taken.length === known.length ? 'taken' : 'unsent');
  // The same for targets that there are not: a page may be older than the configuration.
  return reply.code(204).send();
}
