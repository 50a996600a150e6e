/** What each path of the API answers. Must not decide anything: it asks `ApiSource`, which the controller is. */
import { affinityListSchema, type AffinityList } from '@signpost/contracts/affinity-list';
import { appliedSchema } from '@signpost/contracts/configuration-changes';
import { zoneFileSchema } from '@signpost/contracts/zone-file';
import { explanationSchema, type Explanation } from '@signpost/contracts/explanation';
import { latencySignalSchema, type LatencySignal } from '@signpost/contracts/latency-signal';
import { MessagingError } from '@signpost/contracts/messaging';
import { nameSchema } from '@signpost/contracts/names';
import { statusSchema, type Status } from '@signpost/contracts/status';
import { targetHeartbeatSchema, type TargetHeartbeat } from '@signpost/contracts/target-heartbeat';
import { targetLoadSchema, type TargetLoad } from '@signpost/contracts/target-load';
import { NameError } from '@signpost/dns/errors';
import { formatName, parseName } from '@signpost/dns/name-text';
import * as z from 'zod';

import type { ApplyOutcome } from '../config-store/apply-configuration.ts';
import type { NotRecalled } from '../explain/explain-past.ts';
import type { Question } from '../explain/explain.ts';
import { parseClient } from '../explain/parse-client.ts';
import type { App } from './app.ts';
import type { EventFeed } from './event-feed.ts';
import { appliedView } from './applied-view.ts';
import { addCandidates, type CandidateSource } from './candidate-routes.ts';
import { addGuards, type GuardSource } from './guard-routes.ts';
import { addOverrides, type OverrideSource } from './override-routes.ts';
import { ApiProblem, describeMistakes, problemSchema, reached, refusedSchema } from './problem.ts';
import { MAX_STREAMS, streamEvents } from './stream-events.ts';

export interface ApiSource extends OverrideSource, GuardSource, CandidateSource {
  status(): Status;
  explain(question: Question): Explanation;
  /** As of a moment that has passed, wall clock. Rejects with `MessagingError` when NATS is away. */
  explainPast(question: Question, atMs: number): Promise<Explanation | NotRecalled>;
  /** Rejects with `MessagingError` when NATS is away. */
  apply(text: string, file: string): Promise<ApplyOutcome>;
  /** As it was written; undefined before the first one. */
  configuration(): { readonly revision: number; readonly configuration: Record<string, unknown> } | undefined;
  /** The zone file of a zone, in canonical text, as it is answered now; undefined when there is no such zone. */
  exportZone(zone: string): string | undefined;
  /** Signed names of the targets of a record, by its owner in canonical text; undefined: it has none. */
  affinityNames(owner: string): AffinityList | undefined;
  /** Throws `MessagingError` when NATS is away. `unexpected`: no monitor of type push listens to that target. */
  heartbeat(target: string, heartbeat: TargetHeartbeat): 'sent' | 'unexpected';
  /** The same of a load. `unexpected`: no pool with load limits has that target. */
  load(target: string, load: TargetLoad): 'sent' | 'unexpected';
  /** Throws `MessagingError` when NATS is away. `unexpected`: there is no such target. */
  latency(target: string, signal: LatencySignal): 'sent' | 'unexpected';
  readonly events: EventFeed;
}

const explainQuery = z.object({
  name: z.string().min(1).max(1024).meta({ description: 'Owner name, with or without the final dot.' }),
  client: z.string().min(1).max(64).meta({ description: 'Address or prefix: 81.2.69.160 or 81.2.69.0/24.' }),
  at: z.iso
    .datetime({ offset: true })
    .optional()
    .meta({ description: 'A moment that has passed, 2026-12-01T06:00:00Z; absent: now.' }),
});

const configurationSchema = z.object({
  revision: z.number().int(),
  configuration: z.record(z.string(), z.unknown()),
});

export function addRoutes(app: App, source: ApiSource, signal: AbortSignal): void {
  app.get('/api/v1/status', { schema: { response: { 200: statusSchema } } }, () => source.status());
  addExplain(app, source);
  addZoneFile(app, source);
  addAffinityNames(app, source);
  addConfiguration(app, source);
  addCandidates(app, source);
  addOverrides(app, source);
  addHeartbeat(app, source);
  addLoad(app, source);
  addLatency(app, source);
  addGuards(app, source);
  addEvents(app, source, signal);
}

function addHeartbeat(app: App, source: ApiSource): void {
  const schema = {
    description:
      'A heartbeat of a target that a monitor of type push listens to; no body says that all is well.',
    params: z.object({ target: nameSchema }),
    body: targetHeartbeatSchema.nullish(),
    response: { 202: z.object({ sent: z.literal(true) }), 404: problemSchema, 503: problemSchema },
  };
  app.post('/api/v1/heartbeat/:target', { schema }, (request, reply) => {
    const { target } = request.params;
    const sent = away(() => source.heartbeat(target, request.body ?? { status: 'up' }));
    if (sent === 'unexpected') {
      throw new ApiProblem(404, `no monitor of type push listens to a target "${target}"`);
    }
    reply.code(202);
    return { sent: true as const };
  });
}

function addLoad(app: App, source: ApiSource): void {
  const schema = {
    description: 'The present load of a target, in the unit of the load limits of its pools.',
    params: z.object({ target: nameSchema }),
    body: targetLoadSchema,
    response: { 202: z.object({ sent: z.literal(true) }), 404: problemSchema, 503: problemSchema },
  };
  app.post('/api/v1/load/:target', { schema }, (request, reply) => {
    const { target } = request.params;
    if (away(() => source.load(target, request.body)) === 'unexpected') {
      throw new ApiProblem(404, `no pool with load limits has a target "${target}"`);
    }
    reply.code(202);
    return { sent: true as const };
  });
}

function addLatency(app: App, source: ApiSource): void {
  const schema = {
    description: 'Round trips between clients and a target, by address or prefix, as its own side saw them.',
    params: z.object({ target: nameSchema }),
    body: latencySignalSchema,
    response: { 202: z.object({ sent: z.literal(true) }), 404: problemSchema, 503: problemSchema },
  };
  app.post('/api/v1/latency/:target', { schema }, (request, reply) => {
    const { target } = request.params;
    if (away(() => source.latency(target, request.body)) === 'unexpected') {
      throw new ApiProblem(404, `there is no target "${target}" in what runs`);
    }
    reply.code(202);
    return { sent: true as const };
  });
}

function away<Value>(ask: () => Value): Value {
  try {
    return ask();
  } catch (error) {
    if (error instanceof MessagingError) throw new ApiProblem(503, `NATS is not reached: ${error.message}`);
    throw error;
  }
}

function addEvents(app: App, source: ApiSource, signal: AbortSignal): void {
  let streams = 0;
  app.get(
    '/api/v1/events',
    {
      schema: {
        description: 'Server-Sent Events: each CloudEvent from now on.',
        produces: ['text/event-stream'],
      },
    },
    (_request, reply) => {
      if (streams >= MAX_STREAMS) {
        throw new ApiProblem(503, `${MAX_STREAMS} event streams are open already; close one, then try again`);
      }
      streams += 1;
      reply.hijack();
      return streamEvents({ response: reply.raw, feed: source.events, signal }).finally(() => (streams -= 1));
    },
  );
}

function addExplain(app: App, source: ApiSource): void {
  const schema = {
    querystring: explainQuery,
    response: { 200: explanationSchema, 400: problemSchema, 404: problemSchema, 503: problemSchema },
  };
  // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Fastify awaits its handlers
  app.get('/api/v1/explain', { schema }, async (request) => {
    const client = parseClient(request.query.client);
    if (client === undefined) {
      throw new ApiProblem(400, `"${request.query.client}" is no address or prefix; write 81.2.69.0/24`);
    }
    const name = canonicalName(request.query.name);
    if (name instanceof NameError) throw new ApiProblem(400, name.message);
    const { at } = request.query;
    return at === undefined ? source.explain({ name, client }) : past({ name, client }, at, source);
  });
}

async function past(question: Question, at: string, source: ApiSource): Promise<Explanation> {
  const explained = await reached(source.explainPast(question, Date.parse(at)));
  if ('reason' in explained) throw new ApiProblem(404, explained.reason);
  return explained;
}

function addZoneFile(app: App, source: ApiSource): void {
  const schema = {
    description: 'A zone as a zone file: static records, and the present answers for a client nobody knows.',
    querystring: z.object({ zone: z.string().min(1).max(1024).meta({ description: 'Apex of the zone.' }) }),
    response: { 200: zoneFileSchema, 400: problemSchema, 404: problemSchema },
  };
  app.get('/api/v1/zone-file', { schema }, (request) => {
    const zone = canonicalName(request.query.zone);
    if (zone instanceof NameError) throw new ApiProblem(400, zone.message);
    const text = source.exportZone(zone);
    if (text === undefined) throw new ApiProblem(404, `there is no zone ${zone} in what runs`);
    return { zone, text };
  });
}

function addAffinityNames(app: App, source: ApiSource): void {
  const schema = {
    description: 'Names below a steered record that lead to one of its targets each, as long as it serves.',
    querystring: z.object({
      owner: z.string().min(1).max(1024).meta({ description: 'Owner of the record.' }),
    }),
    response: { 200: affinityListSchema, 400: problemSchema, 404: problemSchema },
  };
  app.get('/api/v1/affinity-names', { schema }, (request) => {
    const owner = canonicalName(request.query.owner);
    if (owner instanceof NameError) throw new ApiProblem(400, owner.message);
    const list = source.affinityNames(owner);
    if (list === undefined) throw new ApiProblem(404, `no record at ${owner} has "affinity_names: true"`);
    return list;
  });
}

function canonicalName(text: string): string | NameError {
  try {
    return formatName(parseName(text));
  } catch (error) {
    if (error instanceof NameError) return error;
    throw error;
  }
}

function addConfiguration(app: App, source: ApiSource): void {
  app.get(
    '/api/v1/configuration',
    { schema: { response: { 200: configurationSchema, 404: problemSchema } } },
    () => {
      const present = source.configuration();
      if (present === undefined) throw new ApiProblem(404, 'no configuration was applied yet');
      return present;
    },
  );
  // The body is the file itself: its lines are what mistakes point to.
  for (const type of ['text/plain', 'application/yaml', 'application/x-yaml', 'text/yaml']) {
    app.addContentTypeParser(type, { parseAs: 'string' }, (_request, body, done) => done(null, body));
  }
  app.put(
    '/api/v1/configuration',
    {
      schema: {
        description: 'Applies a configuration, as a whole or not at all. The body is YAML.',
        consumes: ['application/yaml', 'text/plain'],
        querystring: z.object({ file: z.string().max(1024).default('configuration') }),
        body: z.string(),
        response: { 200: appliedSchema, 409: problemSchema, 422: refusedSchema, 503: problemSchema },
      },
    },
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Fastify awaits its handlers
    async (request) => {
      const outcome = await applied(source, request.body, request.query.file);
      switch (outcome.kind) {
        case 'applied':
          return appliedView(outcome, source);
        case 'refused':
          throw new ApiProblem(422, describeMistakes(outcome.mistakes), { mistakes: outcome.mistakes });
        case 'conflict':
          throw new ApiProblem(
            409,
            'another configuration was applied at the same time: look at it, then try again',
          );
        case 'away':
          throw new ApiProblem(503, `NATS is not reached: ${outcome.reason}`);
        default:
          throw new TypeError(`unhandled outcome ${JSON.stringify(outcome satisfies never)}`);
      }
    },
  );
}

async function applied(
  source: ApiSource,
  text: string,
  file: string,
): Promise<ApplyOutcome | { readonly kind: 'away'; readonly reason: string }> {
  try {
    return await source.apply(text, file);
  } catch (error) {
    if (error instanceof MessagingError) return { kind: 'away', reason: error.message };
    throw error;
  }
}
