/**
 * How long a change takes from its publication until it is answered: somebody asks for the name without a pause while
 * it is changed. What is told is at most one round trip of a query too long.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

import { nextGeneration } from '@signpost/contracts/brands';
import type { RecordSet } from '@signpost/contracts/record-set';
import { encodeQuery } from '@signpost/testkit/dns-client';

import { publish, type FilledStore } from '../peers/start-store.ts';
import { apexOf, ownerOf, recordSet } from './many-records.ts';

export interface ChangeTime {
  /** From before the call of the writer. */
  readonly sincePublishMs: number;
  /** From when Redis had confirmed it; below 0 if it was answered before. */
  readonly sinceConfirmedMs: number;
  /** The longest time between two answers meanwhile. */
  readonly longestGapMs: number;
}

const GIVE_UP_MS = 10_000;

export async function timeChanges(store: FilledStore, port: number, times: number): Promise<ChangeTime[]> {
  const socket = createSocket('udp4');
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const owner = ownerOf(500, 0);
  const query = encodeQuery({ name: owner, type: 'A', edns: false });
  const results: ChangeTime[] = [];
  try {
    for (let i = 1; i <= times; i += 1) {
      const rdata = [`203.0.113.${i % 250}`];
      const answered = untilAnswered(socket, query, Buffer.from(rdata[0]!.split('.').map(Number)));
      const startMs = performance.now();
      await change(store, owner, rdata);
      const confirmedMs = performance.now();
      const { atMs, longestGapMs } = await answered;
      results.push({ sincePublishMs: atMs - startMs, sinceConfirmedMs: atMs - confirmedMs, longestGapMs });
    }
  } finally {
    socket.close();
  }
  return results;
}

async function change({ writer }: FilledStore, owner: string, rdata: readonly string[]): Promise<void> {
  const [base, atMs] = [await writer.generation(), Date.now()];
  const after: RecordSet = { kind: 'static', ttl: 60, rdata: [...rdata] };
  const changes = [{ zone: apexOf(0), owner, type: 'A', before: recordSet('static', 500), after }];
  await publish(writer, { base, generation: nextGeneration(base, atMs), atMs, why: [], changes, zones: {} });
}

/** Asks again with each answer, until one ends in `rdata`. */
function untilAnswered(
  socket: ReturnType<typeof createSocket>,
  query: Buffer,
  rdata: Buffer,
): Promise<{ atMs: number; longestGapMs: number }> {
  return new Promise((resolve, reject) => {
    let [lastMs, longestGapMs] = [performance.now(), 0];
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      socket.off('message', look);
      settle();
    };
    const look = (response: Buffer) => {
      const atMs = performance.now();
      longestGapMs = Math.max(longestGapMs, atMs - lastMs);
      lastMs = atMs;
      if (response.subarray(-4).equals(rdata)) return finish(() => resolve({ atMs, longestGapMs }));
      socket.send(query);
    };
    const giveUp = () =>
      finish(() => reject(new Error(`the change was not answered within ${GIVE_UP_MS} ms`)));
    const timer = setTimeout(giveUp, GIVE_UP_MS);
    socket.on('message', look);
    socket.send(query);
  });
}
