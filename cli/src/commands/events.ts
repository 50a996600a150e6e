/**
 * `signpost events`: follows health and record events from the controller's Server-Sent Events, one line each.
 * A lost connection is taken up again with a note on stderr; ends on SIGINT or SIGTERM.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { callApi, problemOf, type ApiOptions } from '../api-client.ts';
import { ApiError } from '../api-error.ts';
import { drawEvent } from '../draw/event-line.ts';
import { printLine, printProblem } from '../draw/print.ts';
import { reportFailure } from '../report-failure.ts';
import { splitServerSentEvents } from '../server-sent-events.ts';

const RETRY_MS = 1_000;

export async function events(options: ApiOptions & { json?: boolean }): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  await reportFailure(async () => {
    await followOnce(options, stop.signal); // the first failure is an answer: nobody is there
    while (!stop.signal.aborted) {
      printProblem('signpost: connection lost, trying again');
      await sleep(RETRY_MS, undefined, { signal: stop.signal }).catch(() => undefined);
      await followOnce(options, stop.signal).catch((error: unknown) => {
        if (!(error instanceof ApiError)) throw error;
      });
    }
  });
}

async function followOnce(options: ApiOptions & { json?: boolean }, signal: AbortSignal): Promise<void> {
  try {
    const response = await callApi(options, '/api/v1/events', {
      headers: { accept: 'text/event-stream' },
      signal,
    });
    if (!response.ok || response.body === null) throw new ApiError(await problemOf(response));
    printProblem('signpost: following health and record events');
    for await (const data of splitServerSentEvents(response.body)) {
      printLine(options.json === true ? data : drawEvent(data));
    }
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof ApiError) throw error;
    throw new ApiError(`connection lost: ${(error as Error).message}`);
  }
}
