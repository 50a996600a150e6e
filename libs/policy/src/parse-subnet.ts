/**
 * Subnets of rules as people write them: `10.0.0.0/8`, `2001:db8::/32`.
 * Cold path. Never throws; says what to write instead, for the author of a configuration.
 */

export type ParsedSubnet =
  | { readonly ok: true; readonly octets: Uint8Array; readonly length: number }
  | { readonly ok: false; readonly problem: string };

export function parseSubnet(text: string): ParsedSubnet {
  const [addressText = '', lengthText, ...rest] = text.split('/');
  const octets = parseIpv4(addressText) ?? parseIpv6(addressText);
  if (octets === undefined || rest.length > 0) {
    return refuse(`"${text}" is no subnet; write it as 10.0.0.0/8 or 2001:db8::/32`);
  }
  const bits = octets.length * 8;
  if (lengthText === undefined) {
    return refuse(`"${text}" has no prefix length; write "${text}/${bits}" for this one address`);
  }
  if (!/^(0|[1-9]\d{0,2})$/.test(lengthText) || Number(lengthText) > bits) {
    return refuse(`the prefix length of "${text}" must be a whole number from 0 to ${bits}`);
  }
  const length = Number(lengthText);
  const network = octets.map((octet, index) => octet & networkMask(length, index));
  if (network.some((octet, index) => octet !== octets[index])) {
    return refuse(
      `"${text}" has address bits set behind its prefix length; write "${addressOf(network)}/${length}"`,
    );
  }
  return { ok: true, octets, length };
}

/** 4 octets, or undefined. Leading zeros are refused, since some programs read them as octal. */
export function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return undefined;
  const numbers = parts.map(Number);
  return numbers.every((number) => number <= 255) ? Uint8Array.from(numbers) : undefined;
}

/** 16 octets, or undefined (RFC 4291 section 2.2). No zone index. */
export function parseIpv6(text: string): Uint8Array | undefined {
  const sides = text.split('::');
  if (sides.length > 2) return undefined;
  const head = groupsOf(sides[0]!, sides.length === 1);
  const tail = groupsOf(sides[1] ?? '', true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (sides.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array<number>(missing).fill(0), ...tail];
  return Uint8Array.from(groups.flatMap((group) => [group >>> 8, group & 0xff]));
}

/** Groups of one side of `::`; the last side may end in a dotted IPv4 address. */
function groupsOf(side: string, last: boolean): number[] | undefined {
  if (side === '') return [];
  const parts = side.split(':');
  const dotted = last ? parseIpv4(parts.at(-1)!) : undefined;
  const hexadecimal = dotted === undefined ? parts : parts.slice(0, -1);
  if (!hexadecimal.every((part) => /^[0-9a-fA-F]{1,4}$/.test(part))) return undefined;
  const groups = hexadecimal.map((part) => Number.parseInt(part, 16));
  if (dotted !== undefined) groups.push((dotted[0]! << 8) | dotted[1]!, (dotted[2]! << 8) | dotted[3]!);
  return groups;
}

function networkMask(length: number, index: number): number {
  const bits = Math.max(0, Math.min(8, length - index * 8));
  return (0xff << (8 - bits)) & 0xff;
}

/** For messages: IPv6 with its longest tail of zeros as `::`. */
function addressOf(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => (octets[i * 2]! << 8) | octets[i * 2 + 1]!);
  const end = groups.findLastIndex((group) => group !== 0) + 1;
  const shown = groups.slice(0, end).map((group) => group.toString(16));
  return end >= 7 ? groups.map((group) => group.toString(16)).join(':') : `${shown.join(':')}::`;
}

function refuse(problem: string): ParsedSubnet {
  return { ok: false, problem };
}
