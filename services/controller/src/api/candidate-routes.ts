/** Candidates: kept, compared with what runs, promoted. Must not decide anything: it asks `CandidateSource`. */
import type { Mistake } from '@signpost/config/check-configuration';
import { candidateSchema, type Candidate } from '@signpost/contracts/candidate';
import { appliedSchema } from '@signpost/contracts/configuration-changes';
import * as z from 'zod';

import type { PromoteOutcome } from '../config-store/keep-candidate.ts';
import type { App } from './app.ts';
import { appliedView, type FileFollower } from './applied-view.ts';
import { ApiProblem, describeMistakes, problemSchema, refusedSchema, reached } from './problem.ts';

/** All of them reject with `MessagingError` when NATS is away. */
export interface CandidateSource extends FileFollower {
  /** Keeps it in place of the last one. */
  propose(text: string, file: string): Promise<Candidate | { readonly mistakes: readonly Mistake[] }>;
  /** Undefined: there is none. */
  candidate(): Promise<Candidate | undefined>;
  promote(hash: string): Promise<PromoteOutcome>;
}

const hashSchema = z
  .string()
  .regex(/^[0-9a-f]{8,64}$/, 'write the hash that the comparison shows, or its first 8 digits')
  .meta({ description: 'Hash of the candidate, or a beginning of at least 8 digits.' });

export function addCandidates(app: App, source: CandidateSource): void {
  app.put(
    '/api/v1/candidate',
    {
      schema: {
        description: 'Keeps a configuration as the candidate and compares it with the one that runs. YAML.',
        consumes: ['application/yaml', 'text/plain'],
        querystring: z.object({ file: z.string().max(1024).default('candidate') }),
        body: z.string(),
        response: { 200: candidateSchema, 422: refusedSchema, 503: problemSchema },
      },
    },
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Fastify awaits its handlers
    async (request) => {
      const proposed = await reached(source.propose(request.body, request.query.file));
      if (!('mistakes' in proposed)) return proposed;
      throw new ApiProblem(422, describeMistakes(proposed.mistakes), { mistakes: proposed.mistakes });
    },
  );
  app.get(
    '/api/v1/candidate',
    { schema: { response: { 200: candidateSchema, 404: problemSchema, 503: problemSchema } } },
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Fastify awaits its handlers
    async () => {
      const candidate = await reached(source.candidate());
      if (candidate === undefined)
        throw new ApiProblem(404, 'there is no candidate; propose one with its file');
      return candidate;
    },
  );
  app.post(
    '/api/v1/candidate/promote',
    {
      schema: {
        description: 'Applies exactly the candidate that was compared.',
        body: z.object({ hash: hashSchema }),
        response: {
          200: appliedSchema,
          404: problemSchema,
          409: problemSchema,
          503: problemSchema,
        },
      },
    },
    // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Fastify awaits its handlers
    async (request) => {
      const outcome = await reached(source.promote(request.body.hash));
      if (outcome.kind === 'applied') return appliedView(outcome, source);
      if (outcome.kind === 'unknown') {
        throw new ApiProblem(
          404,
          `${request.body.hash} is not the candidate; compare it again, then promote it`,
        );
      }
      throw new ApiProblem(409, 'a configuration was applied at the same time: compare again, then promote');
    },
  );
}
