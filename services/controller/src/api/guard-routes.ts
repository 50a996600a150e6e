/** What the API says of guards, and how somebody lets a hold pass. Must not decide: it asks `GuardSource`. */
import {
  approvalRequestSchema,
  guardsViewSchema,
  holdIdSchema,
  holdViewSchema,
} from '@signpost/contracts/guard';
import type { Approval, HoldView } from '@signpost/contracts/guard';
import * as z from 'zod';

import type { App } from './app.ts';
import { ApiProblem, problemSchema, reached } from './problem.ts';

export interface GuardSource {
  holds(): HoldView[];
  /** Undefined: nothing is held under that id. Rejects with `MessagingError` when NATS is away. */
  approve(id: string, approval: Pick<Approval, 'by' | 'reason'>): Promise<HoldView | undefined>;
}

export function addGuards(app: App, source: GuardSource): void {
  app.get(
    '/api/v1/guards',
    { schema: { description: 'Removals that guards hold back.', response: { 200: guardsViewSchema } } },
    () => ({ holds: source.holds() }),
  );
  app.post(
    '/api/v1/guards/:id/approve',
    {
      schema: {
        description: 'Lets one held removal pass. Who and why stand in the event that it is lifted.',
        params: z.object({ id: holdIdSchema }),
        body: approvalRequestSchema,
        response: { 200: holdViewSchema, 400: problemSchema, 404: problemSchema, 503: problemSchema },
      },
    },
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Fastify awaits its handlers
    async (request) => {
      const hold = await reached(source.approve(request.params.id, request.body));
      if (hold !== undefined) return hold;
      throw new ApiProblem(404, `nothing is held as ${request.params.id}; GET /api/v1/guards lists what is`);
    },
  );
}
