/**
 * Zone texts made from a seed, with all the syntax that zone files may have: what a text
 * means is not known here; two readers are compared on it. Names of record sets are never
 * used twice, so that no zone is ill-formed.
 */
import * as fc from 'fast-check';

import { RRType, typeName } from '../constants.ts';
import { formatRdata } from '../rdata.ts';
import { formatGeneric } from '../rdata/generic.ts';
import { wellFormedRdata } from './well-formed-rdata.ts';

export interface GeneratedZone {
  readonly text: string;
  /** Text by the name that $INCLUDE gives. */
  readonly included: ReadonlyMap<string, string>;
}

export function generateZone(seed: number): GeneratedZone {
  const draw = seeded(seed);
  const writing: Writing = {
    draw,
    seed,
    ttlDefault: undefined,
    ttlLast: undefined,
    owners: 0,
    included: new Map(),
  };
  const head = draw(2) === 0 ? '' : ttlLine(writing);
  const soaTtl = head === '' || draw(2) === 0 ? '3600 ' : '';
  if (soaTtl !== '') writing.ttlLast = 3600;
  const soa = `@ ${soaTtl}IN SOA ns1 host\\.master ( ${draw(9999)} ; serial\n\t1h 15M\n 1w2d3h4m5s ( 5 ) )\n\tNS ns1\nns1 ${soaTtl}A 192.0.2.53\n`;
  const body = Array.from({ length: 4 + draw(12) }, () => piece(writing, 0)).join('');
  return { text: head + soa + body, included: writing.included };
}

interface Writing {
  /** A whole number below the bound. */
  readonly draw: (bound: number) => number;
  readonly seed: number;
  ttlDefault: number | undefined;
  ttlLast: number | undefined;
  owners: number;
  readonly included: Map<string, string>;
}

/** Some lines that leave the origin as it was. */
function piece(writing: Writing, depth: number): string {
  const { draw } = writing;
  switch (draw(12)) {
    case 0:
      return ['\n', ' \t \n', '; only a comment ( "\n', '   ; another\n', '()\n'][draw(5)]!;
    case 1:
      return ttlLine(writing);
    case 2: {
      const inner = Array.from({ length: 1 + draw(3) }, () => recordSet(writing)).join('');
      return `$ORIGIN ${['sub', 'Sub.Example.COM.', '@', 'a\\.b.c'][draw(4)]}\n${inner}$origin example.com.\n`;
    }
    case 3:
      return generate(writing);
    case 4: {
      if (depth > 2) return '';
      const name = `part-${writing.included.size}`;
      writing.included.set(name, '');
      const origin = ['', ' sub', ' x.example.com.'][draw(3)];
      writing.included.set(name, recordSet(writing) + piece(writing, depth + 1));
      return `$INCLUDE ${draw(2) === 0 ? name : `"${name}"`}${origin} ; and on\n`;
    }
    default:
      return recordSet(writing);
  }
}

function ttlLine(writing: Writing): string {
  const ttl = TTLS[writing.draw(TTLS.length)]!;
  writing.ttlDefault = ttl[1];
  return `$TTL ${ttl[0]}\n`;
}

const TTLS: ReadonlyArray<readonly [text: string, seconds: number]> = [
  ['60', 60],
  ['1h', 3600],
  ['1h30m', 5400],
  ['1W2D', 777_600],
  ['0', 0],
  ['2147483647', 0x7fffffff],
];

/** Several records of one type, all of one TTL, at a name of their own. */
function recordSet(writing: Writing): string {
  const { draw } = writing;
  const [type, texts] = dataOf(writing);
  const owner = ownerText(writing, type);
  const effective = writing.ttlDefault ?? writing.ttlLast;
  const explicit = effective === undefined || draw(2) === 0;
  const ttl = TTLS[draw(TTLS.length)]!;
  return texts
    .map((text, i) => {
      const ttlText = explicit ? ttl[0] : '';
      if (explicit) writing.ttlLast = ttl[1];
      const classText = ['', 'IN', 'in', 'CLASS1'][draw(4)]!;
      const head = draw(2) === 0 ? [ttlText, classText] : [classText, ttlText];
      const name = i > 0 && draw(2) === 0 ? '' : owner;
      const fields = [...head, typeText(writing, type), ...text].filter((field) => field !== '');
      return `${name}${spread(writing, fields)}\n`;
    })
    .join('');
}

/** Puts white space, parentheses and comments between fields. */
function spread({ draw }: Writing, fields: readonly string[]): string {
  const openAt = draw(3) === 0 ? draw(fields.length) : -1;
  const texts = fields.map((field, i) => {
    const space =
      i > openAt && openAt >= 0 ? ['\n', ' ; x "(\n\t', ' '][draw(3)]! : [' ', '\t', '  \t'][draw(3)]!;
    return i === openAt ? ` (${field}` : `${space}${field}`;
  });
  return `${texts.join('')}${openAt < 0 ? '' : ['\n)', ' )', ')'][draw(3)]}${draw(4) === 0 ? ' ;end' : ''}`;
}

function ownerText(writing: Writing, type: number): string {
  const { draw } = writing;
  writing.owners += 1;
  const unique = `n${writing.owners}`;
  const forms = [
    unique,
    unique.toUpperCase(),
    // BIND takes no delegation and no hashed name at a wildcard.
    type === RRType.NS || type === RRType.NSEC3 ? unique : `*.${unique}`,
    `${unique}.b.c`,
    `${unique}.d.Example.COM.`,
    `${unique}\\.x.\\097\\$\\@`,
    `\\000${unique}\\255\\ \\;\\"\\(`,
    `_${unique}`,
    `\\110${unique}`,
  ];
  return forms[draw(forms.length)]!;
}

function typeText({ draw }: Writing, type: number): string {
  const name = typeName(type);
  return [name, name, name.toLowerCase(), `TYPE${type}`, `type${type}`][draw(5)]!;
}

function dataOf(writing: Writing): [type: number, texts: string[][]] {
  const { draw } = writing;
  if (draw(2) === 0) {
    const [type, ...texts] = TEXTS[draw(TEXTS.length)]!;
    const single = type === RRType.CNAME || type === RRType.DNAME;
    const several = single ? [texts[draw(texts.length)]!] : texts.slice(0, 1 + draw(texts.length));
    return [type, several.map((text) => text.split(' '))];
  }
  const [type, rdata] = COMPARABLE[draw(COMPARABLE.length)]!;
  const [octets] = fc.sample(rdata, { seed: draw(2 ** 31), numRuns: 1 });
  const written = formatRdata(type, Uint8Array.from(octets!));
  if (draw(4) === 0) return [type, [formatGeneric(Uint8Array.from(octets!)).split(' ')]];
  return [type, [written.match(/(?:[^\s"\\]|\\.)*"(?:[^"\\]|\\.)*"|\S+/g) ?? []]];
}

/** Types whose generated octets BIND 9.18 takes in text: it judges keys, regular expressions and newer types by their content. */
const JUDGED: ReadonlySet<number> = new Set([
  RRType.CDNSKEY,
  RRType.CNAME,
  RRType.DNAME,
  RRType.DNSKEY,
  RRType.KEY,
  RRType.NAPTR,
  RRType.RESINFO,
  RRType.RRSIG,
  RRType.SOA,
]);
const COMPARABLE = wellFormedRdata.filter(([type]) => !JUDGED.has(type));

/** Data as people write it, each field without white space. */
const TEXTS: ReadonlyArray<readonly [type: number, ...texts: string[]]> = [
  [RRType.A, '192.0.2.1', '192.0.2.2', '\\# 4 c0000203'],
  [RRType.AAAA, '2001:DB8::1', '::ffff:192.0.2.1', '1:2:3:4:5:6:7:8'],
  [RRType.NS, 'ns1', 'NS2.Other.', '@'],
  [RRType.CNAME, 'www', '@', 'a\\.b\\046c', '.'],
  [RRType.DNAME, 'elsewhere.', 'sub'],
  [RRType.PTR, 'host', 'Host.example.'],
  [RRType.MX, '10 mail', '0 .', '65535 Mail.Example.'],
  [RRType.TXT, 'bare', '"a""b"c', '"semi;colon(paren)"', 'a\\;b\\"c\\\\d', '"" \\000\\255', '"\\"q\\"\\\\"'],
  [RRType.SPF, '"v=spf1" -all'],
  [RRType.SRV, '0 5 443 www', '1 0 0 .'],
  [RRType.CAA, '0 issue "ca.example;policy=ev"', '128 IODEF mailto:a@example.com'],
  [RRType.NAPTR, '100 10 "S" "SIP+D2U" "!^.*$!sip:a@b!" _sip', '1 2 "" "" "" .', '1 2 u E2U+sip "" @'],
  [RRType.SSHFP, '4 2 0123456789abcdef0123456789ABCDEF 0123456789abcdef0123456789abcdef', '1 3 ab'],
  [RRType.TLSA, '3 1 1 ab cd ef', '0 0 0 00'],
  [
    RRType.DS,
    '60485 RSASHA1 SHA-1 2BB183AF5F22588179A53B0A98631FAD1A292118',
    '1 13 SHA256 0123456789abcdef0123456789abcdef0123456789abcdef 0123456789abcdef',
  ],
  [RRType.CDS, '0 0 0 00'],
  [
    RRType.DNSKEY,
    '257 3 ECDSAP256SHA256 mdsswUyr3DPW132mOi8V9xESWE8jTo0d xCjjnopKl+GqJxpVXckHAeF+KkxLbxIL fDLUT0rAK9iUzy1L53eKGQ==',
  ],
  [RRType.CDNSKEY, '0 3 0 AA=='],
  [
    RRType.RRSIG,
    'A RSASHA256 9 86400 20030322173103 20030220173103 2642 @ AQIDBA==',
    'TYPE1234 13 2 60 1760000000 0 7 Other. AQID BA==',
  ],
  [RRType.NSEC, 'next A MX RRSIG NSEC TYPE1234', '@ TYPE65535 A A'],
  [
    RRType.NSEC3,
    '1 1 12 aabbccdd 2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG',
    '1 0 0 - 2VPTU5TIMAMQTTGL4LUU9KG21E0AOR3S',
  ],
  [RRType.NSEC3PARAM, '1 0 12 AABBCCDD', '1 0 0 -'],
  [
    RRType.SVCB,
    '0 svc',
    '1 . port="53" key65333=ex1',
    '16 foo.example.org. mandatory=ipv4hint,alpn alpn=h2,h3-19 ipv4hint=192.0.2.1',
  ],
  [
    RRType.HTTPS,
    '0 .',
    '1 . alpn="h2,h3" no-default-alpn ipv6hint=2001:db8::1,::2',
    '16 foo alpn="f\\\\\\\\oo\\\\,bar,h2"',
    '1 @ key667=hello\\210qoo',
    '2 . dohpath=/q{?dns} ech=AQID',
  ],
  [RRType.URI, '10 1 "ftp://ftp1.example.com/public"', '0 65535 "urn:x"'],
  [
    RRType.LOC,
    '42 21 54 N 71 06 18 W -24m 30m',
    '52 N 4 E 0',
    '51 30 12.748 S 0 7 39.6 W 10.5 1.5m 2000m 0.01',
  ],
  [RRType.OPENPGPKEY, 'AQID BAUG'],
  [RRType.HINFO, 'PC "Linux"', '"" ""'],
  [RRType.RP, 'admin.dept txt', '. .'],
  [RRType.AFSDB, '1 db'],
  [RRType.CERT, 'PKIX 1 RSASHA256 AQID BAUG', 'URI 0 0 AQID', '65000 0 0 AQID'],
  [RRType.DHCID, 'AAIBY2/AuCccgoJbsaxcQc9TUapptP69l OjxfNuVAA2kjEA='],
  [RRType.EUI48, '00-00-5E-00-53-2A'],
  [RRType.EUI64, '00-00-5e-ef-10-00-00-2a'],
  [RRType.CSYNC, '66 3 A NS AAAA', '0 0'],
  [
    RRType.ZONEMD,
    '2018031900 1 1 c68090d90a7aed716bc459f9340e3d7c1370d4d24b7e2fc3a1ddc0b9a87153b9a9713b3c9ae5cc27777f98b8e730044c',
  ],
  [65280, '\\# 3 abcdef', '\\# 0', '\\# 4 AB cd EF 01'],
];

function generate(writing: Writing): string {
  const { draw } = writing;
  writing.owners += 1;
  const step = ['', '/2', '/7'][draw(3)];
  const start = draw(20);
  const range = `${start}-${start + draw(12)}${step}`;
  const numbers = [
    '$',
    '${0}',
    '${5,3}',
    '${-1,4,d}',
    '${100,0,x}',
    '${0,4,X}',
    '${7,5,o}',
    '${1000,0,n}',
    '${0,7,N}',
    '\\$$',
    '$$$',
  ];
  const some = (): string => numbers[draw(numbers.length)]!;
  const data = [
    ['A', `192.0.2.$`],
    ['AAAA', '2001:db8::${0,4,x}'],
    ['PTR', `host-${some()}.example.net.`],
    ['CNAME', some()],
    ['MX', `"${draw(99)} mail${some()}"`],
    ['TXT', `"\\"number ${some()}\\" x"`],
    ['TYPE65280', '"\\# 2 ${0,4,x}"'],
  ][draw(7)]!;
  const ttl = writing.ttlDefault ?? writing.ttlLast;
  const head = ttl === undefined || draw(2) === 0 ? ['77', 'IN', '77 IN', 'IN 77'][draw(4)]! : '';
  if (/77/.test(head)) writing.ttlLast = 77;
  const known = head !== 'IN' || ttl !== undefined;
  if (!known) writing.ttlLast = 78;
  const owner = `g${writing.owners}-$-${some()}`;
  return `$GENERATE ${range}\t${owner} ${known ? head : '78 IN'} ${data[0]} ${data[1]} ; generated\n`;
}

/** Mulberry32: small, and the same everywhere. */
function seeded(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}
