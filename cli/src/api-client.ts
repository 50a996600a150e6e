/**
 * The controller's HTTP API as the commands call it: where it is, the bearer token, and failures as one clear
 * line. Knows nothing of what the commands draw.
 */
import { readFileSync } from 'node:fs';

import type { Command } from 'commander';
import type * as z from 'zod';

import { checkValue } from '@signpost/contracts/decode';

import { ApiError } from './api-error.ts';
import { httpUrl } from './flag-values.ts';

export interface ApiOptions {
  readonly api?: string;
}

/** Adds `--api` to a command. */
export function apiOptions(command: Command): Command {
  return command.option('--api <url>', `the controller [SIGNPOST_API, ${DEFAULT_API}]`, httpUrl);
}

const DEFAULT_API = 'http://127.0.0.1:8080';

/** A controller that takes longer hangs. A stream brings a signal of its own. */
const ANSWER_MS = 15_000;

export async function callApi(options: ApiOptions, path: string, init: RequestInit = {}): Promise<Response> {
  const base = options.api ?? process.env['SIGNPOST_API'] ?? DEFAULT_API;
  const headers = new Headers(init.headers);
  const token = apiToken();
  try {
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    return await fetch(new URL(path, base), { signal: AbortSignal.timeout(ANSWER_MS), ...init, headers });
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    const cause = (error as Error).cause as Error | undefined;
    throw new ApiError(
      `no controller answers at ${base} (${cause?.message ?? (error as Error).message}): is it running?`,
    );
  }
}

/** An answer, checked against the contract. GET unless `init` says otherwise. */
export async function askApi<Schema extends z.ZodType>(
  options: ApiOptions,
  path: string,
  schema: Schema,
  init: RequestInit = {},
): Promise<z.output<Schema>> {
  const response = await callApi(options, path, init);
  if (!response.ok) throw new ApiError(await problemOf(response));
  return decodeAnswer(response, schema);
}

/** The body of an answer that is no problem. */
export async function decodeAnswer<Schema extends z.ZodType>(
  response: Response,
  schema: Schema,
): Promise<z.output<Schema>> {
  const body: unknown = await response.json().catch(() => undefined);
  if (body === undefined) throw new ApiError(noController(response));
  const decoded = checkValue(schema, body);
  if (!decoded.ok)
    throw new ApiError(`the controller's answer is not understood (${decoded.reason}): same version?`);
  return decoded.value;
}

/** The human part of an error response (RFC 9457), or its status. */
export async function problemOf(response: Response): Promise<string> {
  const text = await response.text();
  try {
    const problem = JSON.parse(text) as { title?: string; detail?: string };
    return problem.detail ?? problem.title ?? `the controller answered ${response.status}: same version?`;
  } catch {
    return noController(response);
  }
}

/** Every answer of a controller is JSON. */
function noController({ url, status }: Response): string {
  const { origin } = new URL(url);
  return `${origin} answers (${status}), but it is no controller's API: --api or SIGNPOST_API says where that is, by default ${DEFAULT_API}`;
}

function apiToken(): string | undefined {
  const file = process.env['SIGNPOST_API_TOKEN_FILE'];
  if (file !== undefined && file !== '') {
    try {
      return readFileSync(file, 'utf8').trim();
    } catch (error) {
      throw new ApiError(`SIGNPOST_API_TOKEN_FILE="${file}": ${(error as Error).message}`);
    }
  }
  const token = process.env['SIGNPOST_API_TOKEN'];
  return token === '' ? undefined : token;
}
