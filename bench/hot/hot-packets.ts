/**
 * Queries of the hot bench. One packet, of which name and client are replaced in place before it is asked: as a server
 * has it, whose receive buffer is warm, while names and clients come in no order.
 */
import { encodeQuery } from '@signpost/testkit/dns-client';
import type { SeededDraw } from '@signpost/testkit/seeded-draw';

import { APEX, nameOf, NAMES } from './hot-world.ts';

export interface Asked {
  /** Of the names: `static`, `geo`. */
  readonly kind: string;
  /** Labels below the name. */
  readonly below?: string;
  readonly edns?: boolean;
  readonly subnet?: boolean;
  readonly cookie?: boolean;
}

/** Where names and clients come from: a power of two of each, in random order. */
export interface Crowd {
  readonly names: Int32Array;
  readonly clients: Int32Array;
}

const PAIRS = 2 ** 16;
const HEADER = 12;
const DIGITS = 5;
const DIGIT_0 = 0x30;

/** So many names, and client networks all over IPv4. */
export function crowdOf(names: number, clients: number, draw: SeededDraw): Crowd {
  const networks = Int32Array.from(
    { length: clients },
    () => ((1 + Math.floor(draw() * 222)) << 16) | Math.floor(draw() * 2 ** 16),
  );
  const chosen = Math.min(names, NAMES);
  return {
    names: Int32Array.from({ length: PAIRS }, () => Math.floor(draw() * chosen)),
    clients: Int32Array.from({ length: PAIRS }, () => networks[Math.floor(draw() * clients)]!),
  };
}

export class HotPacket {
  readonly octets: Buffer;
  readonly #crowd: Crowd;
  readonly #digitsAt: number;
  /** 0: none. */
  readonly #clientAt: number;

  constructor({ kind, below, edns = true, subnet, cookie }: Asked, crowd: Crowd) {
    const name = nameOf(kind, 0);
    const options = cookie === true ? { options: [{ code: 10, data: Buffer.alloc(8, 1) }] } : edns;
    this.octets = encodeQuery({
      id: 1,
      name: [...(below === undefined ? [] : [below]), name, APEX].join('.'),
      type: 'A',
      edns: options,
      recursionDesired: false,
      ...(subnet === true && { subnet: '1.0.0.0/24' }),
    });
    const before = below === undefined ? 0 : below.length + 1;
    this.#crowd = crowd;
    this.#digitsAt = HEADER + before + 1 + name.length - DIGITS;
    this.#clientAt = subnet === true ? this.octets.length - 3 : 0;
  }

  /** The packet of this turn. */
  turn(turn: number): Buffer {
    const { octets } = this;
    const place = turn & (PAIRS - 1);
    let number = this.#crowd.names[place]!;
    for (let i = DIGITS - 1; i >= 0; i -= 1) {
      octets[this.#digitsAt + i] = DIGIT_0 + (number % 10);
      number = (number / 10) | 0;
    }
    if (this.#clientAt === 0) return octets;
    const client = this.#crowd.clients[place]!;
    octets[this.#clientAt] = client >>> 16;
    octets[this.#clientAt + 1] = client >>> 8;
    octets[this.#clientAt + 2] = client;
    return octets;
  }
}
