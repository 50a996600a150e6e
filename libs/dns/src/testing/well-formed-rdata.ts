/**
 * Generators of well-formed RDATA of every type that has a text form of its own, as
 * octets put together by hand: the codec under test takes no part in them.
 */
import * as fc from 'fast-check';

import { RRType } from '../constants.ts';

type Octets = fc.Arbitrary<number[]>;

export const octet: fc.Arbitrary<number> = fc.integer({ min: 0, max: 255 });
/** Hardly any label is plain text: every octet occurs. */
export const anyName: Octets = fc
  .array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { maxLength: 6 })
  .map((labels) => [...labels.flatMap((label) => [label.length, ...label]), 0]);

const string: Octets = fc.array(octet, { maxLength: 255 }).map((octets) => [octets.length, ...octets]);
const strings: Octets = fc.array(string, { minLength: 1, maxLength: 3 }).map((all) => all.flat());
const some: Octets = fc.array(octet, { minLength: 1, maxLength: 70 });
function text(pattern: RegExp): Octets {
  return fc
    .stringMatching(pattern)
    .map((matching) => [matching.length, ...Array.from(matching, (c) => c.charCodeAt(0))]);
}

const tag = text(/^[a-zA-Z0-9]{1,15}$/);

function octets(length: number): Octets {
  return fc.array(octet, { minLength: length, maxLength: length });
}

function row(...parts: Octets[]): Octets {
  return fc.tuple(...parts).map((all) => all.flat());
}

/** `alternatives` of fixed octets and how many follow them. */
function digest(before: Octets, alternatives: ReadonlyArray<readonly [number, number]>, any: Octets): Octets {
  const fixed = alternatives.map(([type, length]) => row(fc.constant([type]), octets(length)));
  return row(before, fc.oneof(...fixed, any));
}

const bitmap: Octets = fc
  .uniqueArray(fc.integer({ min: 1, max: 0xffff }), { maxLength: 8 })
  .chain((types) => fc.constant(bitmapOf([...types, 1, 300])));

function bitmapOf(types: readonly number[]): number[] {
  const windows = new Map<number, number[]>();
  for (const type of types.toSorted((a, b) => a - b)) {
    const bits = windows.get(type >> 8) ?? [];
    for (let missing = ((type & 255) >> 3) + 1 - bits.length; missing > 0; missing -= 1) bits.push(0);
    bits[(type & 255) >> 3]! |= 1 << (7 - (type & 7));
    windows.set(type >> 8, bits);
  }
  return [...windows].flatMap(([window, bits]) => [window, bits.length, ...bits]);
}

const precision = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 9 }))
  .map(([digit, power]) => [digit * 16 + power]);

function angle(degrees: number): Octets {
  return fc
    .integer({ min: -degrees * 3_600_000, max: degrees * 3_600_000 })
    .map((thousandths) => [24, 16, 8, 0].map((shift) => ((2 ** 31 + thousandths) / 2 ** shift) & 255));
}

const loc = row(fc.constant([0]), precision, precision, precision, angle(90), angle(180), octets(4));

function param(key: number, value: Octets): Octets {
  return value.map((all) => [key >> 8, key & 255, all.length >> 8, all.length & 255, ...all]);
}

const protocols = fc
  .array(
    octets(3).map((all) => [3, ...all]),
    { minLength: 1, maxLength: 3 },
  )
  .map((all) => all.flat());

/** Keys in ascending order, each there or not; `mandatory` names the port only with a port. */
const params: Octets = fc
  .tuple(
    fc.constantFrom([], [0, 0, 0, 2, 0, 3, 0, 3, 0, 2, 1, 187], [0, 3, 0, 2, 0, 53]),
    fc.option(param(1, protocols)),
    fc.option(param(4, fc.oneof(octets(4), octets(8)))),
    fc.option(param(5, some)),
    fc.option(param(6, fc.oneof(octets(16), octets(32)))),
    fc.option(param(7, fc.constant(Array.from('/q{?dns}', (c) => c.charCodeAt(0))))),
    fc.option(param(667, some)),
    fc.option(param(65000, fc.constant([]))),
  )
  .map(([portAndMandatory, alpn, ...rest]) => {
    const port = portAndMandatory.slice(-6);
    return [
      ...portAndMandatory.slice(0, -6),
      ...(alpn ?? []),
      ...port,
      ...rest.flatMap((each) => each ?? []),
    ];
  });
const service = row(octets(2), anyName, params);

const salt: Octets = fc.oneof<Octets[]>(
  fc.constant([0]),
  octets(5).map((all) => [5, ...all]),
);
const hash = some.map((all) => [all.length, ...all]);
const ds = digest(
  octets(3),
  [
    [1, 20],
    [2, 32],
    [4, 48],
  ],
  row(fc.constant([77]), some),
);
const dnskey = row(octets(4), some);

const prefix = fc
  .tuple(
    fc.boolean(),
    fc.constantFrom(4, 16),
    fc.integer({ min: 0, max: 32 }),
    fc.array(octet, { maxLength: 4 }),
  )
  .map(([negated, size, length, address]) => {
    const part = [...address, 7].slice(0, address.length); // a final zero octet is never written
    if (part.length > 0) part[part.length - 1] ||= 1;
    return [0, size === 4 ? 1 : 2, length, (negated ? 128 : 0) + part.length, ...part];
  });
const prefixes: Octets = fc.array(prefix, { minLength: 1, maxLength: 3 }).map((all) => all.flat());

/** What the gateway's type announces; the first of `before` octets holds it, `flag` beside it or not. */
function relay(flag: number, middle: Octets = fc.constant([])): Octets {
  const ofType = (type: number, gateway: Octets) =>
    row(fc.constantFrom([type], [type + flag]), middle, gateway);
  return fc.oneof(
    ofType(0, fc.constant([])),
    ofType(1, octets(4)),
    ofType(2, octets(16)),
    ofType(3, anyName),
  );
}

/** BIND takes no record without a key. */
const gatewayAndKey = row(octets(1), relay(0, octets(1)), some);
const identity = fc
  .tuple(some, octet, some, fc.array(anyName, { maxLength: 2 }))
  .map(([hit, algorithm, key, servers]) => [
    hit.length,
    algorithm,
    0,
    key.length,
    ...hit,
    ...key,
    ...servers.flat(),
  ]);

export const wellFormedRdata: ReadonlyArray<readonly [type: number, rdata: Octets]> = [
  [RRType.A, octets(4)],
  [RRType.AAAA, octets(16)],
  [RRType.AFSDB, row(octets(2), anyName)],
  [RRType.AVC, strings],
  [RRType.CAA, row(octets(1), tag, fc.array(octet, { maxLength: 80 }))],
  [RRType.CDNSKEY, dnskey],
  [RRType.CDS, ds],
  [RRType.CERT, row(octets(5), some)],
  [RRType.CNAME, anyName],
  [RRType.CSYNC, row(octets(6), bitmap)],
  [RRType.DHCID, some],
  [RRType.DNAME, anyName],
  [RRType.DNSKEY, dnskey],
  [RRType.DS, ds],
  [RRType.EUI48, octets(6)],
  [RRType.EUI64, octets(8)],
  [RRType.HINFO, row(string, string)],
  [RRType.HTTPS, service],
  [RRType.KEY, dnskey],
  [RRType.KX, row(octets(2), anyName)],
  [RRType.LOC, loc],
  [RRType.LP, row(octets(2), anyName)],
  [RRType.MB, anyName],
  [RRType.MG, anyName],
  [RRType.MINFO, row(anyName, anyName)],
  [RRType.MR, anyName],
  [RRType.MX, row(octets(2), anyName)],
  [RRType.NAPTR, row(octets(4), string, string, string, anyName)],
  [RRType.NINFO, strings],
  [RRType.NS, anyName],
  [RRType.NSEC, row(anyName, bitmap)],
  [RRType.NSEC3, row(octets(4), salt, hash, fc.oneof<Octets[]>(bitmap, fc.constant([])))],
  [RRType.NSEC3PARAM, row(octets(4), salt)],
  [RRType.OPENPGPKEY, some],
  [RRType.PTR, anyName],
  [RRType.PX, row(octets(2), anyName, anyName)],
  [RRType.RESINFO, strings],
  [RRType.RP, row(anyName, anyName)],
  [RRType.RRSIG, row(octets(18), anyName, some)],
  [RRType.RT, row(octets(2), anyName)],
  [RRType.SMIMEA, row(octets(3), some)],
  [RRType.SOA, row(anyName, anyName, octets(20))],
  [RRType.SPF, strings],
  [RRType.SRV, row(octets(6), anyName)],
  [
    RRType.SSHFP,
    digest(
      octets(1),
      [
        [1, 20],
        [2, 32],
      ],
      row(fc.constant([9]), some),
    ),
  ],
  [RRType.SVCB, service],
  [RRType.TLSA, row(octets(3), some)],
  [RRType.TXT, strings],
  [RRType.URI, row(octets(4), some)],
  [
    RRType.ZONEMD,
    digest(
      octets(5),
      [
        [1, 48],
        [2, 64],
      ],
      row(fc.constant([77]), octets(12), fc.array(octet, { maxLength: 60 })),
    ),
  ],
  [RRType.AMTRELAY, row(octets(1), relay(128))],
  [RRType.APL, prefixes],
  [RRType.DLV, ds],
  [RRType.TA, ds],
  [RRType.GPOS, row(text(/^-?1[0-7]\d\.\d{1,6}$/), text(/^[0-8]?\d\.\d$/), text(/^-?\d{1,6}\.\d$/))],
  [RRType.HIP, identity],
  [RRType.IPSECKEY, gatewayAndKey],
  [RRType.ISDN, fc.oneof<Octets[]>(string, row(string, string))],
  [RRType.L32, octets(6)],
  [RRType.L64, octets(10)],
  [RRType.NID, octets(10)],
  [RRType.NSAP, some],
  [RRType.RKEY, row(fc.constant([0, 0]), octets(2), some)],
  [RRType.TALINK, row(anyName, anyName)],
  [RRType.X25, text(/^\d{4,20}$/)],
  [RRType['NSAP-PTR'], anyName],
];
