/**
 * Zone files of which each has one oddity: ill-formed ones that must be refused and near misses that must not be.
 * Which is which is not said here: the servers that are asked say it.
 */
import { type SeededDraw, seededDraw } from '@signpost/testkit/seeded-draw';

export interface OddZone {
  /** With the final dot. */
  readonly origin: string;
  readonly oddity: string;
  readonly text: string;
}

/** `%` stands for an owner that is drawn, `&` for another name. */
type Oddity = string | { readonly head: string } | { readonly whole: string };

const NAME_TOO_LONG = Array.from({ length: 4 }, () => 'l'.repeat(62)).join('.');
const SOA = '@ SOA ns1 host 1 3600 600 604800 60';

/** One line or more put among the others; `head` replaces the SOA, `whole` the file. */
const ODDITIES: Readonly<Record<string, Oddity>> = {
  'alias beside data': '% CNAME &\n% A 192.0.2.1',
  'data beside alias': '% TXT "t"\n% CNAME &',
  'alias at the apex': '@ CNAME &',
  'two aliases': '% CNAME &\n% CNAME ns1',
  'two DNAMEs': '% DNAME &\n% DNAME ns1',
  'alias and DNAME': '% CNAME &\n% DNAME &',
  'alias and delegation': '% CNAME &\n% NS &',
  'no SOA': { head: '; no SOA' },
  'two SOAs': SOA.replace(' 1 ', ' 2 '),
  'SOA below the apex': `% ${SOA.slice(2)}`,
  'no NS': { whole: `$TTL 300\n${SOA}\n% A 192.0.2.1` },
  'empty file': { whole: '; nothing' },
  'bad IPv4 address': '% A 192.0.2.300',
  'short IPv4 address': '% A 192.0.2',
  'bad IPv6 address': '% AAAA 2001:db8:::1',
  'IPv4 as IPv6': '% AAAA 192.0.2.1',
  'no RDATA': '% A',
  'too much RDATA': '% A 192.0.2.1 192.0.2.2',
  'MX without name': '% MX 10',
  'MX preference out of range': '% MX 65536 &',
  'MX preference no number': '% MX ten &',
  'SRV with three fields': '% SRV 1 2 &',
  'SOA with a bad number': { head: '@ SOA ns1 host x 3600 600 604800 60' },
  'SOA with six fields': { head: '@ SOA ns1 host 1 3600 600 604800' },
  'unknown type': '% NOSUCHTYPE &',
  'unknown directive': '$NOSUCH &',
  'type ANY': '% ANY &',
  'type AXFR': '% AXFR &',
  'label of 64 octets': `${'x'.repeat(64)} A 192.0.2.1`,
  'label of 63 octets': `${'x'.repeat(63)} A 192.0.2.1`,
  'empty label': '%..& A 192.0.2.1',
  'name too long': `${NAME_TOO_LONG} A 192.0.2.1`,
  'target too long': `% CNAME ${NAME_TOO_LONG}`,
  'open quote': '% TXT "open',
  'open parenthesis': '% TXT ( "open"',
  'closing parenthesis alone': '% TXT "t" )',
  'escape above 255': '%\\256 TXT "t"',
  'string of 256 octets': `% TXT "${'x'.repeat(256)}"`,
  'string of 255 octets': `% TXT "${'x'.repeat(255)}"`,
  'another class': '% CH A 192.0.2.1',
  'bad TTL': '% 1q A 192.0.2.1',
  'bad $TTL': '$TTL x',
  '$INCLUDE of nothing': '$INCLUDE not-there',
  'bad $ORIGIN': '$ORIGIN %..&',
  'hex of a wrong length': '% TYPE65280 \\# 3 0102',
  'hex with an odd digit': '% TYPE65280 \\# 2 010',
  'known type, wrong length': '% A \\# 3 010203',
  'DS digest too short': '% NS ns1\n% DS 1 13 2 0102',
  'DS digest no hex': '% NS ns1\n% DS 1 13 2 xyz',
  'HTTPS parameter twice': '% HTTPS 1 . port=1 port=2',
  'HTTPS mandatory missing': '% HTTPS 1 . mandatory=port alpn=h2',
  'CAA flags out of range': '% CAA 256 issue "ca.example"',
  'TLSA no hex': '% TLSA 3 1 1 xyz',
  'LOC out of range': '% LOC 91 0 0 N 0 0 0 E 0m',
  'the same record twice': '% A 192.0.2.1\n% A 192.0.2.1',
  'the same in other case': '% NS &\n% NS TARGET',
  'TTLs that differ': '% 60 A 192.0.2.1\n% 90 A 192.0.2.2',
  'TTL of 2^31': '% 2147483648 A 192.0.2.1',
  'TTL of 2^32': '% 4294967296 A 192.0.2.1',
  'TTL with units': '% 1h30m A 192.0.2.1',
  'class before TTL': '% IN 60 A 192.0.2.1',
  'name out of the zone': 'out.example. A 192.0.2.1',
  'missing glue': '% NS ns.%',
  'name server without address': '@ NS nowhere',
  'name server is an alias': '@ NS %\n% CNAME &',
  'mail exchange is an alias': '@ MX 1 %\n% CNAME &',
  'mail exchange is an address': '% MX 10 192.0.2.1',
  'data below a delegation': '% NS ns1\nbelow.% TXT "t"',
  'delegation below a delegation': '% NS ns1\nbelow.% NS ns1',
  'DNAME below a delegation': '% NS ns1\nbelow.% DNAME &',
  'data below a DNAME': '% DNAME &\nbelow.% TXT "t"',
  'data beside a DNAME': '% DNAME &\n% A 192.0.2.1',
  'DNAME at the apex': {
    whole: `$TTL 300\n${SOA}\n@ NS ns.elsewhere.example.\n@ DNAME &.elsewhere.example.`,
  },
  'DNAME at a wildcard': '*.% DNAME &',
  'delegation at a wildcard': '*.% NS ns1',
  'DS without delegation': `% DS 1 13 2 ${'ab'.repeat(32)}`,
  'alias to itself': '% CNAME %',
  'blank owner': '% A 192.0.2.1\n  A 192.0.2.2',
  'parentheses and comments': '% TXT ( "one" ; first\n  "two" )',
  'empty string': '% TXT ""',
  'string without quotes': '% TXT word\\;more',
  'octets of any value': '\\000\\255\\.x TXT "\\000\\255"',
  'unknown type by number': '% TYPE65280 \\# 2 0102',
  'known type by number': '% TYPE1 \\# 4 c0000201',
  'unknown type without data': '% TYPE65280 \\# 0',
  'relative $ORIGIN': '$ORIGIN %\nbelow A 192.0.2.1',
  'no $TTL': { whole: `${SOA}\n@ NS ns1\nns1 A 192.0.2.53` },
  'carriage returns': '% A 192.0.2.1\r\nB A 192.0.2.2\r',
  'null mail exchange': '% MX 0 .',
  'service at the root': '% SRV 0 0 0 .',
  'owner that looks like a type': 'TXT A 192.0.2.1',
  'owner that looks like a number': '300 A 192.0.2.1',
  'upper case': '% in a 192.0.2.1',
  'unknown HTTPS parameter': '% HTTPS 1 . key667=x',
  'HTTPS alias': '% HTTPS 0 &',
  'CAA of an unknown tag': '% CAA 0 unknown "x"',
};

export const oddities: readonly string[] = Object.keys(ODDITIES);

/** `index` counts up through all oddities, again and again. */
export function oddZone(seed: number, index: number): OddZone {
  const random = seededDraw(seed * 1_000_003 + index);
  const oddity = oddities[index % oddities.length]!;
  const origin = `odd${index}.test.`;
  const what = ODDITIES[oddity]!;
  if (typeof what === 'object' && 'whole' in what) {
    return { origin, oddity, text: `$ORIGIN ${origin}\n${placed(what.whole, random)}\n` };
  }
  const isHead = typeof what === 'object';
  const lines = ['@ NS ns1', 'ns1 A 192.0.2.53', ...harmless(random)];
  if (!isHead) lines.splice(2 + Math.floor(random() * (lines.length - 1)), 0, placed(what, random));
  const head = isHead ? placed(what.head, random) : SOA;
  return { origin, oddity, text: `$ORIGIN ${origin}\n$TTL 300\n${head}\n${lines.join('\n')}\n` };
}

function harmless(random: SeededDraw): string[] {
  const rdatas = ['A 192.0.2.9', 'AAAA 2001:db8::9', 'TXT "fine"', 'MX 10 ns1', 'CNAME ns1', 'PTR ns1'];
  const count = Math.floor(random() * 5);
  return Array.from({ length: count }, (_, i) => `fine${i} ${rdatas[Math.floor(random() * rdatas.length)]!}`);
}

/** Owners in each place of a name, letter case and depth. */
function placed(text: string, random: SeededDraw): string {
  const owner = ['odd', 'Odd', 'odd.under', 'fine.odd'][Math.floor(random() * 4)]!;
  return text.replaceAll('%', owner).replaceAll('&', 'target');
}
