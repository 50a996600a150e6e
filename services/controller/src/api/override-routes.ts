/**
 * What the paths of overrides and drains answer. Must not decide anything: it asks `OverrideSource`, which the
 * controller is.
 */
import { drainSchema, type Drain } from '@signpost/contracts/drain';
import { nameSchema } from '@signpost/contracts/names';
import {
  matchSchema,
  overrideListSchema,
  overrideMadeSchema,
  overrideReasonSchema,
  overrideRequestSchema,
  overridesLiftedSchema,
  ownerSchema,
  type Lifted,
  type Override,
  type OverrideRequest,
  type OverrideView,
} from '@signpost/contracts/override';
import type { UnhealthyRule } from '@signpost/contracts/unhealthy-rule';
import * as z from 'zod';

import type { MakeOutcome } from '../override/change-overrides.ts';
import type { App } from './app.ts';
import { ApiProblem, problemSchema, reached } from './problem.ts';

type Who = Pick<Lifted, 'by' | 'reason'>;

/** What changes something rejects with `MessagingError` when NATS is away. */
export interface OverrideSource {
  overrides(): { readonly nowMs: number; readonly overrides: OverrideView[] };
  makeOverride(request: OverrideRequest): Promise<MakeOutcome>;
  /** Rules over the targets that have no healthy pool with the override. */
  leftUnhealthy(made: Override, targets: readonly string[]): UnhealthyRule[];
  /** The override as it was; undefined: there is none of this id in the bucket. */
  liftOverride(id: string, who: Who): Promise<Override | undefined>;
  liftMatching(match: string, who: Who): Promise<{ lifted: Override[]; remaining: OverrideView[] }>;
  /** Why a match hits nothing; undefined when it does. */
  matchProblem(match: string): string | undefined;
  /** Undefined: there is no such target. */
  drain(target: string): Drain | undefined;
}

const who = z.object({ by: ownerSchema, reason: overrideReasonSchema });

export function addOverrides(app: App, source: OverrideSource): void {
  app.get(
    '/api/v1/overrides',
    {
      schema: {
        description: 'Overrides that have not ended, of people, systems and the configuration.',
        response: { 200: overrideListSchema },
      },
    },
    () => source.overrides(),
  );
  app.post(
    '/api/v1/overrides',
    {
      schema: {
        description: 'Makes an override; one of the same match and source is replaced.',
        body: overrideRequestSchema,
        response: { 200: overrideMadeSchema, 400: problemSchema, 422: problemSchema, 503: problemSchema },
      },
    },
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Fastify awaits its handlers
    async (request) => {
      const outcome = await reached(source.makeOverride(request.body));
      if (outcome.kind === 'refused') throw new ApiProblem(422, outcome.reason);
      const { override, targets } = outcome;
      return { override, targets: [...targets], unhealthy: source.leftUnhealthy(override, targets) };
    },
  );
  addLifting(app, source);
  addDrains(app, source);
}

function addLifting(app: App, source: OverrideSource): void {
  app.delete(
    '/api/v1/overrides/:id',
    {
      schema: {
        description: 'Lifts one override before its end.',
        params: z.object({ id: nameSchema }),
        querystring: who,
        response: { 200: overridesLiftedSchema, 404: problemSchema, 503: problemSchema },
      },
    },
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Fastify awaits its handlers
    async (request) => {
      const { id } = request.params;
      const lifted = await reached(source.liftOverride(id, request.query));
      if (lifted === undefined) {
        throw new ApiProblem(404, `there is no override ${id} to lift; GET /api/v1/overrides lists them`);
      }
      return { lifted: [lifted], remaining: [] };
    },
  );
  app.delete(
    '/api/v1/overrides',
    {
      schema: {
        description:
          'Lifts all overrides that hold for nothing but targets of `match`, and tells what remains.',
        querystring: who.extend({ match: matchSchema }),
        response: { 200: overridesLiftedSchema, 422: problemSchema, 503: problemSchema },
      },
    },
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Fastify awaits its handlers
    async (request) => {
      const { match, by, reason } = request.query;
      const outcome = await reached(source.liftMatching(match, { by, reason }));
      const problem = outcome.lifted.length === 0 ? source.matchProblem(match) : undefined;
      if (problem !== undefined) throw new ApiProblem(422, problem);
      return outcome;
    },
  );
}

function addDrains(app: App, source: OverrideSource): void {
  app.get(
    '/api/v1/drains/:target',
    {
      schema: {
        description: 'How far a target is out of answers and caches: what `signpost drain --wait` shows.',
        params: z.object({ target: nameSchema }),
        response: { 200: drainSchema, 404: problemSchema },
      },
    },
    (request) => {
      const { target } = request.params;
      const drain = source.drain(target);
      if (drain === undefined) throw new ApiProblem(404, `there is no target "${target}"`);
      return drain;
    },
  );
}
