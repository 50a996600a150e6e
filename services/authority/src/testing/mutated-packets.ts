/**
 * For tests only: packets as an attacker or a broken sender would send them, from a seed. Some are pure chance, most
 * are good queries with something changed, since those get further in.
 */
import { encodeQuery } from '@signpost/testkit/dns-client';
import { seededDraw } from '@signpost/testkit/seeded-draw';

const NAMES = [
  'www.example.net',
  'example.net',
  'x.wild.example.net',
  'alias.example.net',
  'example.com',
  '.',
];
const TYPES = ['A', 'AAAA', 'MX', 'TXT', 'SOA', 'ANY', 'TYPE250', 'TYPE65'];
/** Values that lie on a border of something. */
const BORDERS = [0, 1, 11, 12, 41, 63, 64, 127, 128, 191, 192, 193, 254, 255];

export function* mutatedPackets(seed: number, count: number): Generator<Uint8Array> {
  const draw = seededDraw(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(draw() * values.length)]!;
  const below = (bound: number): number => Math.floor(draw() * bound);
  const goodQueries = NAMES.flatMap((name) =>
    TYPES.flatMap((type) => [
      encodeQuery({ id: 1, name, type }),
      encodeQuery({ id: 2, name, type, subnet: '81.2.69.0/24' }),
      encodeQuery({
        id: 3,
        name,
        type,
        edns: {
          options: [
            { code: 10, data: Buffer.alloc(8) },
            { code: 3, data: Buffer.alloc(0) },
          ],
        },
      }),
    ]),
  );
  for (let i = 0; i < count; i += 1) {
    if (draw() < 0.2) {
      yield Uint8Array.from({ length: below(draw() < 0.9 ? 64 : 1_400) }, () => below(256));
      continue;
    }
    const packet = Buffer.from(pick(goodQueries));
    for (let changes = 1 + below(4); changes > 0; changes -= 1) packet[below(packet.length)] = pick(BORDERS);
    const cut = draw() < 0.2 ? packet.subarray(0, below(packet.length + 1)) : packet;
    yield draw() < 0.2 ? Buffer.concat([cut, Buffer.alloc(below(40), pick(BORDERS))]) : cut;
  }
}
