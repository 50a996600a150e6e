/**
 * Asks many names at several authorities over and over, by UDP with EDNS, and knows which address each of them
 * answers and since when: what a change of health looks like from outside. Bounded in rate; 127.0.0.1 only.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

import { encodeQuery } from './dns-client.ts';

/** At most 65,536 names. */
export interface WatchOptions {
  readonly ports: readonly number[];
  readonly names: readonly string[];
}

export interface SeenAnswer {
  readonly address: string;
  /** When it was first seen, `performance.now()`. */
  readonly sinceMs: number;
  /** How often it changed before. */
  readonly changes: number;
}

export interface AnswerWatch extends Disposable {
  /** From now on these names are asked at each authority, by their place in `names`, each about so often. */
  ask(names: ReadonlySet<number>, everyMs: number): void;
  /** Of the authority at that place in `ports`; undefined before the first answer. */
  seen(authority: number, name: number): SeenAnswer | undefined;
  /** Answers that were no address. */
  readonly wrong: number;
  /** The longest time, since this was last called, in which this process could not ask: what measuring adds at worst. */
  takeLongestPauseMs(): number;
}

const TICK_MS = 2;
const MOST_PER_SECOND = 10_000;

export async function watchAnswers({ ports, names }: WatchOptions): Promise<AnswerWatch> {
  const sockets = await Promise.all(ports.map(connect));
  const queries = names.map((name, id) => encodeQuery({ name, type: 'A', edns: true, id }));
  const seen = ports.map((): (SeenAnswer | undefined)[] => []);
  let asked: readonly number[] = [];
  let perMs = 0;
  let owed = 0;
  let next = 0;
  let wrong = 0;
  let tickedMs = performance.now();
  let longestPauseMs = 0;

  for (const [authority, socket] of sockets.entries()) {
    socket.on('message', (message) => {
      const name = message.readUInt16BE(0);
      const address = addressOf(message);
      if (address === undefined) wrong += 1;
      else note(seen[authority]!, name, address);
    });
  }
  const timer = setInterval(() => {
    const nowMs = performance.now();
    longestPauseMs = Math.max(longestPauseMs, nowMs - tickedMs);
    owed = Math.min(asked.length, owed + (nowMs - tickedMs) * perMs);
    tickedMs = nowMs;
    for (; owed >= 1; owed -= 1) {
      next = (next + 1) % asked.length;
      for (const socket of sockets) socket.send(queries[asked[next]!]!);
    }
  }, TICK_MS);
  return {
    ask: (wanted, everyMs) => {
      asked = [...wanted];
      perMs = Math.min(asked.length / everyMs, MOST_PER_SECOND / 1_000 / ports.length);
      owed = Math.min(owed, asked.length);
    },
    seen: (authority, name) => seen[authority]![name],
    get wrong() {
      return wrong;
    },
    takeLongestPauseMs: () => {
      const taken = longestPauseMs;
      longestPauseMs = 0;
      return taken;
    },
    [Symbol.dispose]: () => {
      clearInterval(timer);
      for (const socket of sockets) socket.close();
    },
  };
}

async function connect(port: number): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => {}); // a refused port shows as answers that do not come
  return socket;
}

function note(seen: (SeenAnswer | undefined)[], name: number, address: string): void {
  const before = seen[name];
  if (before?.address === address) return;
  const changes = before === undefined ? 0 : before.changes + 1;
  seen[name] = { address, sinceMs: performance.now(), changes };
}

/** Of the first answer: name pointer (2), type, class, ttl, length (10), address (4). */
function addressOf(message: Buffer): string | undefined {
  if ((message[3]! & 0x0f) !== 0 || message.readUInt16BE(6) === 0) return undefined;
  let at = 12;
  while (message[at] !== 0) at += message[at]! + 1;
  const address = at + 5 + 12;
  return [...message.subarray(address, address + 4)].join('.');
}
