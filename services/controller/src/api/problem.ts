/** Errors of the API as RFC 9457 problem details. */
import { MessagingError } from '@signpost/contracts/messaging';
import type { FastifyReply } from 'fastify';
import * as z from 'zod';

export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
});

const mistakeSchema = z.object({
  file: z.string(),
  line: z.number().int(),
  column: z.number().int(),
  path: z.string(),
  message: z.string(),
});
/** Of a configuration that was refused: every mistake, with its place. */
export const refusedSchema = problemSchema.extend({ mistakes: z.array(mistakeSchema) });
export function describeMistakes(mistakes: readonly unknown[]): string {
  return mistakes.length === 1 ? 'one mistake' : `${mistakes.length} mistakes`;
}

/** Thrown by a route: the caller's mistake, or something that is not there now. */
export class ApiProblem extends Error {
  readonly code = 'SIGNPOST_API_PROBLEM';
  override readonly name = 'ApiProblem';
  readonly status: number;
  /** Further members, as RFC 9457 section 3.2 allows. */
  readonly extra: object;

  constructor(status: number, detail: string, extra: object = {}) {
    super(detail);
    this.status = status;
    this.extra = extra;
  }
}

/** A failure of NATS as 503. */
export async function reached<Value>(asked: Promise<Value>): Promise<Value> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof MessagingError) throw new ApiProblem(503, `NATS is not reached: ${error.message}`);
    throw error;
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not authorised',
  403: 'Forbidden',
  404: 'Not found',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported media type',
  421: 'Misdirected request',
  422: 'Refused',
  503: 'Not available now',
};

export function sendProblem(
  reply: FastifyReply,
  status: number,
  detail: string,
  extra: object = {},
): FastifyReply {
  return reply
    .code(status)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send({ type: 'about:blank', title: TITLES[status] ?? 'Failed', status, detail, ...extra });
}
