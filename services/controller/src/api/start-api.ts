/**
 * The controller's HTTP API: its surface, limits and authorisation. Every controller answers, also a standby.
 * The schemas of the contracts are the documentation: /openapi.json is made from them.
 */
import fastifySwagger from '@fastify/swagger';
import type { ListenAddress } from '@signpost/config/listen-address';
import { fastify, type FastifyError, type FastifyInstance } from 'fastify';
import {
  hasZodFastifySchemaValidationErrors,
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';

import { listenHttp } from '../listen-http.ts';
import { authorise, isOwnHost, isOwnOrigin } from './authorise.ts';
import { ApiProblem, sendProblem } from './problem.ts';
import { addRoutes, type ApiSource } from './routes.ts';

export interface ApiOptions {
  readonly listen: ListenAddress;
  readonly token: string | undefined;
  readonly version: string;
  readonly source: ApiSource;
  /** Told of what failed inside, which the caller is not. */
  readonly onFailure: (error: unknown) => void;
}

export interface Api extends AsyncDisposable {
  /** Where it really listens: port 0 is replaced. */
  readonly address: ListenAddress;
}

/** A configuration of some ten thousand records. More would keep the loop from its lease while it is checked. */
const BODY_LIMIT = 2 * 1024 * 1024;

export async function startApi(options: ApiOptions): Promise<Api> {
  const stop = new AbortController();
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    requestTimeout: 30_000,
    connectionTimeout: 0, // event streams stay open; the request timeout guards the rest
    keepAliveTimeout: 10_000,
    forceCloseConnections: true,
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  answerErrors(app, options.onFailure);
  guard(app, options);
  await describeApi(app, options.version);
  await app.register(async (scope) =>
    addRoutes(scope.withTypeProvider<ZodTypeProvider>(), options.source, stop.signal),
  );
  return {
    address: await listenHttp(app, options.listen, 'SIGNPOST_API_LISTEN'),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await app.close();
    },
  };
}

function guard(app: FastifyInstance, { token, listen: { kind } }: ApiOptions): void {
  const allowed = authorise(token);
  // Without a token the loopback address is the only guard, and no browser may be led around it.
  const anyHost = token !== undefined || kind === 'unix';
  app.addHook('onRequest', (request, reply, done) => {
    if (!anyHost && !isOwnHost(request.headers.host)) {
      return void sendProblem(reply, 421, 'without a token only an address or localhost is answered');
    }
    if (!anyHost && !isOwnOrigin(request.headers.origin)) {
      return void sendProblem(reply, 403, 'without a token no page of another site may ask');
    }
    if (allowed(request.headers.authorization)) return done();
    reply.header('www-authenticate', 'Bearer');
    sendProblem(reply, 401, 'a bearer token is needed: set SIGNPOST_API_TOKEN');
  });
}

function answerErrors(app: FastifyInstance, onFailure: ApiOptions['onFailure']): void {
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    if (error instanceof ApiProblem) return sendProblem(reply, error.status, error.message, error.extra);
    if (hasZodFastifySchemaValidationErrors(error)) return sendProblem(reply, 400, error.message);
    const status = error.statusCode ?? 500;
    if (status >= 500) onFailure(error);
    // What went wrong inside is not the caller's business.
    return sendProblem(reply, status, status < 500 ? error.message : 'the controller failed');
  });
  app.setNotFoundHandler((request, reply) =>
    sendProblem(reply, 404, `${request.method} ${request.url.split('?')[0]} is not here; see /openapi.json`),
  );
}

async function describeApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Signpost controller', version, license: { name: 'Apache-2.0' } },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
      security: [{ bearer: [] }, {}],
    },
    transform: jsonSchemaTransform,
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
}
