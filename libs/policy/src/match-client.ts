/**
 * Whether a client meets the conditions of a rule, and how many leading bits of its address that took.
 * Hot path: no allocation, no throw. Selection and explanation both ask here.
 */
import { type ClientSystem, geoCodeMatches, type Place } from '@signpost/contracts/place';
import { parsePrefix, type Prefix } from '@signpost/dns/address';

/** What selection may know of a client: its ECS prefix if one was sent, else its address. */
export interface ClientView {
  readonly family: 4 | 6;
  /** 16 octets, of which IPv4 uses the first 4. Bits behind `sourceLength` are 0. */
  readonly address: Uint8Array;
  /** How many leading bits of the address are known: SOURCE PREFIX-LENGTH, or 32 / 128 without ECS. */
  readonly sourceLength: number;
  /** Looks the client up; called at most once per selection and only if a rule with geos is reached. */
  place(): Place;
  /** As `place`, for rules with autonomous systems. */
  system(): ClientSystem;
}

/** Subnets of one family. */
export interface SubnetTable {
  /** Octets of all subnets, one after the other. */
  readonly octets: Uint8Array;
  readonly lengths: Uint8Array;
}

export interface SubnetTables {
  readonly ipv4: SubnetTable;
  readonly ipv6: SubnetTable;
}

/** Throws RangeError if a text is no subnet: the configuration was not checked. */
export function subnetTables(subnets: readonly string[]): SubnetTables {
  const prefixes = subnets.map((text) => {
    const prefix = parsePrefix(text);
    if (prefix.kind !== 'prefix') throw new RangeError(`"${text}" is no subnet; ${prefix.remedy}`);
    return prefix;
  });
  return { ipv4: tableOf(prefixes, 4), ipv6: tableOf(prefixes, 6) };
}

/**
 * Looks at the subnets in order until one matches. Returns the bits needed if one did, else -1 less the bits
 * needed, so that both come back in one number: `7` matched by 7 bits, `-1` and `-8` did not, by 0 and 7 bits.
 *
 * A match needs the subnet's length; to know a subnet for a stranger takes the bits they share and one more.
 * Subnets of the other family need none. A subnet longer than what is known of the client never matches.
 */
export function matchSubnets(tables: SubnetTables, client: ClientView): number {
  const table = client.family === 4 ? tables.ipv4 : tables.ipv6;
  const width = client.family === 4 ? 4 : 16;
  let needed = 0;
  for (let i = 0; i < table.lengths.length; i += 1) {
    const length = table.lengths[i]!;
    const known = Math.min(length, client.sourceLength);
    const common = commonBits(table.octets, i * width, client.address, known);
    if (common === length) return Math.max(needed, length);
    needed = Math.max(needed, common + 1);
  }
  return -1 - needed;
}

/** `butNotIn`: the more specific code decides, as a place in both `EU` and `EU-GB` is in the latter. */
export function matchGeos(
  geos: readonly string[],
  butNotIn: readonly string[] | undefined,
  place: Place,
): boolean {
  const matched = longestMatch(geos, place);
  return matched > 0 && (butNotIn === undefined || matched > longestMatch(butNotIn, place));
}

/** The length of the longest code that matches; 0: none does. */
function longestMatch(codes: readonly string[], place: Place): number {
  let longest = 0;
  for (let i = 0; i < codes.length; i += 1) {
    const code = codes[i]!;
    if (code.length > longest && geoCodeMatches(place, code)) longest = code.length;
  }
  return longest;
}

/** Leading bits that both share, at most `limit`. */
function commonBits(octets: Uint8Array, start: number, address: Uint8Array, limit: number): number {
  for (let bit = 0; bit < limit; bit += 8) {
    const index = bit >>> 3;
    const difference = octets[start + index]! ^ address[index]!;
    if (difference !== 0) return Math.min(limit, bit + Math.clz32(difference) - 24);
  }
  return limit;
}

function tableOf(prefixes: readonly Prefix[], family: 4 | 6): SubnetTable {
  const width = family === 4 ? 4 : 16;
  const ours = prefixes.filter((prefix) => prefix.family === family);
  const octets = new Uint8Array(ours.length * width);
  for (const [index, prefix] of ours.entries()) octets.set(prefix.octets, index * width);
  return { octets, lengths: Uint8Array.from(ours, ({ length }) => length) };
}
