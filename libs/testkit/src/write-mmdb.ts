/**
 * Writes a MaxMind DB (binary format 2.0) from a list of networks, for tests of whoever reads one.
 *
 * Of networks that overlap the longest prefix wins whatever the order, of equal prefixes the later.
 * In a tree of ipVersion 6, IPv4 networks lie below ::/96 as the format wants; no aliases are written.
 * Must not be clever: no pointers inside the data section, no merging of equal neighbours.
 * Format: https://maxmind.github.io/MaxMind-DB/
 */
import { encodeMmdbValue, uint16, uint64, type MmdbValue } from './mmdb-value.ts';
import { parsePrefix, type Prefix } from './parse-prefix.ts';

export interface MmdbNetwork {
  /** `81.2.69.0/24` or `2a00:1450::/29`, without bits set behind the prefix. */
  readonly prefix: string;
  /** null cuts a hole: inside it nothing is found. */
  readonly record: { readonly [key: string]: MmdbValue } | null;
}

export interface MmdbOptions {
  readonly ipVersion: 4 | 6;
  /** Bits per record of the search tree. @default 28 */
  readonly recordSize?: 24 | 28 | 32;
  /** @default 'Signpost-Test' */
  readonly databaseType?: string;
  /** Seconds since 1970. @default 1_700_000_000 */
  readonly buildEpochSeconds?: number;
}

/** A record of the tree: another node, a place in the data section, or nothing. */
type Branch = Node | { readonly dataOffset: number } | null;
type Node = [left: Branch, right: Branch];

const METADATA_MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
/** Zero octets between tree and data; record values count from their start. */
const SEPARATOR_OCTETS = 16;

export function writeMmdb(networks: readonly MmdbNetwork[], options: MmdbOptions): Buffer {
  const data = new DataSection();
  const root: Node = [null, null];
  const sorted = networks
    .map(({ prefix, record }) => ({ prefix: inTree(parsePrefix(prefix), options.ipVersion), record }))
    .toSorted((a, b) => a.prefix.length - b.prefix.length); // stable: of equal prefixes the later wins
  for (const { prefix, record } of sorted) insert(root, prefix, record === null ? null : data.add(record));
  const nodes = listNodes(root);
  const tree = encodeTree(nodes, options.recordSize ?? 28, data.length);
  const metadata = encodeMmdbValue(describe(nodes.length, options));
  return Buffer.concat([tree, Buffer.alloc(SEPARATOR_OCTETS), data.bytes(), METADATA_MARKER, metadata]);
}

/** Equal records are written once. */
class DataSection {
  readonly #chunks: Buffer[] = [];
  readonly #offsets = new Map<string, number>();
  length = 0;

  add(record: { readonly [key: string]: MmdbValue }): Branch {
    const chunk = encodeMmdbValue(record);
    const key = chunk.toString('latin1');
    const known = this.#offsets.get(key);
    if (known !== undefined) return { dataOffset: known };
    const dataOffset = this.length;
    this.#offsets.set(key, dataOffset);
    this.#chunks.push(chunk);
    this.length += chunk.length;
    return { dataOffset };
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

function inTree(prefix: Prefix, ipVersion: 4 | 6): Prefix {
  const family = prefix.octets.length === 4 ? 4 : 6;
  if (family === ipVersion) return prefix;
  if (family === 6) throw new RangeError('an IPv4 database holds no IPv6 networks');
  return {
    octets: Uint8Array.from([...Array<number>(12).fill(0), ...prefix.octets]),
    length: 96 + prefix.length,
  };
}

/** Shorter prefixes come first, so a new one only splits what covers it or replaces its equal. */
function insert(root: Node, prefix: Prefix, branch: Branch): void {
  if (prefix.length === 0) {
    root.fill(branch);
    return;
  }
  let node = root;
  for (let depth = 0; depth < prefix.length - 1; depth += 1) {
    const side = bitAt(prefix.octets, depth);
    const below = node[side];
    const next: Node = Array.isArray(below) ? below : [below, below];
    node[side] = next;
    node = next;
  }
  node[bitAt(prefix.octets, prefix.length - 1)] = branch;
}

function bitAt(octets: Uint8Array, index: number): 0 | 1 {
  return ((octets[index >> 3]! >> (7 - (index & 7))) & 1) === 0 ? 0 : 1;
}

/** The root first: a node's number is its place in this list. */
function listNodes(root: Node): readonly Node[] {
  const nodes = [root];
  for (const node of nodes) for (const branch of node) if (Array.isArray(branch)) nodes.push(branch); // grows while it is read
  return nodes;
}

function encodeTree(nodes: readonly Node[], recordSize: 24 | 28 | 32, dataLength: number): Buffer {
  if (nodes.length + SEPARATOR_OCTETS + dataLength > 2 ** recordSize) {
    throw new RangeError(`too large for records of ${recordSize} bits`);
  }
  const numbers = new Map(nodes.map((node, number) => [node, number]));
  const value = (branch: Branch): number => {
    if (branch === null) return nodes.length;
    if (Array.isArray(branch)) return numbers.get(branch)!;
    return nodes.length + SEPARATOR_OCTETS + branch.dataOffset;
  };
  return Buffer.concat(nodes.map(([left, right]) => encodeNode(value(left), value(right), recordSize)));
}

function encodeNode(left: number, right: number, recordSize: 24 | 28 | 32): Buffer {
  const octets = Buffer.alloc(recordSize / 4);
  if (recordSize === 32) {
    octets.writeUInt32BE(left, 0);
    octets.writeUInt32BE(right, 4);
    return octets;
  }
  octets.writeUIntBE(left % 2 ** 24, 0, 3);
  octets.writeUIntBE(right % 2 ** 24, octets.length - 3, 3);
  // 28 bits: the octet in the middle holds the top four bits of the left record, then of the right one.
  if (recordSize === 28) octets[3] = ((left >>> 24) << 4) | (right >>> 24);
  return octets;
}

function describe(nodeCount: number, options: MmdbOptions): MmdbValue {
  return {
    binary_format_major_version: uint16(2),
    binary_format_minor_version: uint16(0),
    build_epoch: uint64(options.buildEpochSeconds ?? 1_700_000_000),
    database_type: options.databaseType ?? 'Signpost-Test',
    description: { en: 'Written for a test' },
    ip_version: uint16(options.ipVersion),
    languages: ['en'],
    node_count: nodeCount,
    record_size: uint16(options.recordSize ?? 28),
  };
}
