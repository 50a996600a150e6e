/** For tests only: well-formed queries by chance, with and without EDNS, of all options and sizes that a server meets. */
import { RRType } from '@signpost/dns/constants';
import { parseName } from '@signpost/dns/name-text';
import { buildPacket, joined, optRecord, type PacketOption } from '@signpost/dns/reference/build-packet';
import * as fc from 'fast-check';

import { questionName } from './generated-zones.ts';

export interface GeneratedQuery {
  readonly name: string;
  readonly isUpperCase: boolean;
  readonly type: number;
  readonly class: number;
  readonly flags: number;
  readonly edns:
    | { readonly udpSize: number; readonly flags: number; readonly options: OptionDraft[] }
    | undefined;
  /** Octets behind the message. */
  readonly trailing: number;
  /** 4 or 16 octets. */
  readonly source: Uint8Array;
}

/** A valid cookie depends on clock and client, so who asks makes it. */
type OptionDraft = PacketOption | 'valid cookie';

const { MX, NS, SOA, SRV, HTTPS, DS, DNAME, ANY } = RRType;
const OTHER_TYPES: readonly number[] = [MX, NS, SOA, SRV, HTTPS, DS, DNAME, ANY, 0, 127, 128, 65_280];

const type = fc.oneof(
  { arbitrary: fc.constant<number>(RRType.A), weight: 6 },
  { arbitrary: fc.constantFrom<number>(RRType.AAAA, RRType.CNAME, RRType.TXT, RRType.PTR), weight: 4 },
  {
    arbitrary: fc.constantFrom(...OTHER_TYPES),
    weight: 3,
  },
);

const address = fc.constantFrom(
  [81, 2, 69, 142],
  [10, 1, 2, 3],
  [9, 9, 9, 9],
  [0x20, 0x01, 0x0d, 0xb8, 0, 1, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7],
  [0x2a, 0x02, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9],
);

/** RFC 7871, with any source prefix length, also 0. */
const subnet = address.chain((octets) =>
  fc
    .oneof(fc.nat(octets.length * 8), fc.constantFrom(0, 24))
    .map((length) => ({ code: 8, data: subnetData(octets, length) })),
);

function subnetData(address: readonly number[], sourceLength: number): Uint8Array {
  const octets = address.slice(0, (sourceLength + 7) >> 3);
  if (sourceLength % 8 !== 0) octets[octets.length - 1]! &= 0xff00 >> (sourceLength % 8);
  return Uint8Array.of(0, address.length === 4 ? 1 : 2, sourceLength, 0, ...octets);
}

const option: fc.Arbitrary<OptionDraft> = fc.oneof(
  { arbitrary: subnet, weight: 5 },
  { arbitrary: fc.constant<OptionDraft>('valid cookie'), weight: 1 },
  { arbitrary: fc.constantFrom(8, 16, 24, 40).map((length) => optionOf(10, length)), weight: 2 },
  {
    arbitrary: fc.constantFrom(optionOf(3, 0), optionOf(11, 0), optionOf(12, 20), optionOf(65_001, 3)),
    weight: 2,
  },
);

function optionOf(code: number, length: number): PacketOption {
  return { code, data: new Uint8Array(length).fill(length) };
}

const edns = fc.record({
  udpSize: fc.constantFrom(512, 512, 600, 900, 1_232, 4_096),
  flags: fc.constantFrom(0, 0x8000),
  options: fc.array(option, { maxLength: 3 }),
});

export const query: fc.Arbitrary<GeneratedQuery> = fc.record({
  name: questionName,
  isUpperCase: fc.boolean(),
  type,
  class: fc.oneof(
    { arbitrary: fc.constant(1), weight: 20 },
    { arbitrary: fc.constantFrom(3, 255), weight: 1 },
  ),
  flags: fc.constantFrom(0, 0x0100, 0x0110, 0x0120),
  edns: fc.option(edns, { nil: undefined, freq: 4 }),
  trailing: fc.constantFrom(0, 0, 0, 7),
  source: address.map((octets) => Uint8Array.from(octets)),
});

/** `validCookie`: data of the option for a client that has a cookie of ours. */
export function packetOf(asked: GeneratedQuery, id: number, validCookie: Uint8Array): Uint8Array {
  const name = parseName(asked.name);
  const options = asked.edns?.options.map((each) =>
    each === 'valid cookie' ? { code: 10, data: validCookie } : each,
  );
  const packet = buildPacket({
    id,
    flags: asked.flags,
    questions: [{ name: asked.isUpperCase ? upperCased(name) : name, type: asked.type, class: asked.class }],
    additional: options === undefined ? [] : [optRecord(options, asked.edns)],
  });
  return joined([packet, new Uint8Array(asked.trailing)]);
}

/** Every other letter. */
function upperCased(name: Uint8Array): Uint8Array {
  return name.map((octet, i) => (i % 2 === 1 && octet >= 0x61 && octet <= 0x7a ? octet - 0x20 : octet));
}
