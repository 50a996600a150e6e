/** A thread that asks for one name without a pause and says when the answer is another one than before. */
import { workerData } from 'node:worker_threads';

import { encodeQuery } from '@signpost/testkit/dns-client';

import type { ImageMemory } from '@signpost/authority/image/layout';
import { ImageSnapshot } from '@signpost/authority/image/read-image';
import { answerQuery } from '@signpost/authority/serve/answer-query';
import { QueryContext } from '@signpost/authority/serve/query-context';
import { Transport } from '@signpost/authority/serve/transport';

export interface AskingStart {
  readonly memory: ImageMemory;
  readonly name: string;
  /** The first word of the last answer's last address; it is woken who waits for another one. */
  readonly seen: Int32Array;
  /** When that was answered first, by `now`. */
  readonly seenAt: Float64Array;
}

/** Milliseconds since 1970 with fractions, by a clock that all threads of the process have. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

if (workerData !== null) ask(workerData as AskingStart);

function ask({ memory, name, seen, seenAt }: AskingStart): never {
  const context = new QueryContext((draw) => void draw.fill(0));
  context.snapshot = new ImageSnapshot(memory);
  const query = encodeQuery({ name, type: 'A', edns: false });
  const source = Uint8Array.of(198, 51, 100, 1);
  const output = new Uint8Array(1_232);
  const view = new DataView(output.buffer);
  for (let last = 0; ;) {
    const length = answerQuery(context, query, query.length, source, Transport.udp, output);
    const address = view.getInt32(length - 4);
    if (address === last) continue;
    last = address;
    seenAt[0] = now();
    Atomics.store(seen, 0, address);
    Atomics.notify(seen, 0);
  }
}
