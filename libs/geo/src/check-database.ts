/**
 * Decides whether an opened MaxMind DB may be used: its metadata must fit the file, and a sample of
 * its networks, spread over the whole tree, must be readable and one of them of the kind wanted.
 *
 * The maxmind reader checks next to nothing: without this a damaged or foreign file would be found
 * out by wrong answers. Cold path; throws GeoDatabaseError.
 */
import type { Reader, Response } from 'maxmind';

import { addressText } from './address-text.ts';
import { type DatabaseSource, GeoDatabaseError, type GeoErrorCode } from './errors.ts';
import type { Found, RecordKind } from './record-kind.ts';
import type { SearchTree, TreeShape } from './search-tree.ts';

const SEPARATOR_OCTETS = 16;
/** Descents from the root; finds damage of a few per cent of a file for sure enough, in about a millisecond. */
const SAMPLES = 256;

export interface CheckedMetadata extends TreeShape {
  readonly databaseType: string;
  readonly builtAtMs: number;
  readonly ipVersion: 4 | 6;
}

export function checkedMetadata(
  octets: Uint8Array,
  metadata: Reader<Response>['metadata'],
  source: DatabaseSource,
): CheckedMetadata {
  const fail = (code: GeoErrorCode, problem: string): never => {
    throw new GeoDatabaseError(code, source, problem);
  };
  const { nodeCount, recordSize, ipVersion, databaseType, searchTreeSize } = metadata;
  const builtAtMs = metadata.buildEpoch.getTime();
  if (metadata.binaryFormatMajorVersion !== 2) {
    return fail(
      'SIGNPOST_GEO_UNSUPPORTED',
      `format version ${metadata.binaryFormatMajorVersion} is not known, only 2`,
    );
  }
  if (ipVersion !== 4 && ipVersion !== 6)
    return fail('SIGNPOST_GEO_CORRUPT', `it says IP version ${ipVersion}`);
  if (!Number.isSafeInteger(builtAtMs))
    return fail('SIGNPOST_GEO_CORRUPT', 'it does not say when it was built');
  if (typeof databaseType !== 'string') return fail('SIGNPOST_GEO_CORRUPT', 'it does not say its type');
  if (!Number.isSafeInteger(nodeCount)) return fail('SIGNPOST_GEO_CORRUPT', 'it does not say its size');
  if (nodeCount === 0) return fail('SIGNPOST_GEO_EMPTY', 'it holds no networks');
  const treeEnd = searchTreeSize + SEPARATOR_OCTETS;
  if (treeEnd > octets.length || octets.subarray(searchTreeSize, treeEnd).some((octet) => octet !== 0)) {
    return fail('SIGNPOST_GEO_CORRUPT', 'its search tree does not end where it should, so a part is missing');
  }
  return { nodeCount, recordSize, ipVersion, databaseType, builtAtMs };
}

/** The shape of the first record that has one. */
export function checkSample<Value extends Found>(
  reader: Reader<Response>,
  tree: SearchTree,
  metadata: CheckedMetadata,
  kind: RecordKind<Value>,
  file: string,
): string {
  const source = { kind, file };
  let found = 0;
  let shape: string | undefined;
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const address = someNetwork(tree, metadata, sample, source);
    if (address === undefined) continue;
    found += 1;
    shape ??= kind.shapeOf(readSample(reader, address, source));
  }
  if (found === 0) throw new GeoDatabaseError('SIGNPOST_GEO_EMPTY', source, 'it holds no networks');
  if (shape !== undefined) return shape;
  const problem = `it says nothing of ${kind.subject} (type ${JSON.stringify(metadata.databaseType)})`;
  throw new GeoDatabaseError('SIGNPOST_GEO_UNSUPPORTED', source, problem);
}

/**
 * An address that has a record: descends by the bits of a scrambled number, turning away from dead
 * ends. In a tree of ipVersion 6 every other descent starts with 96 zero bits, to meet IPv4 as well.
 */
function someNetwork(
  tree: SearchTree,
  shape: CheckedMetadata,
  sample: number,
  source: DatabaseSource,
): Uint8Array | undefined {
  const address = new Uint8Array(shape.ipVersion === 4 ? 4 : 16);
  const zeroBits = shape.ipVersion === 6 && sample % 2 === 0 ? 96 : 0;
  let scrambled = Math.imul(sample + 1, 0x9e3779b1);
  let node = 0;
  for (let depth = 0; depth < address.length * 8; depth += 1) {
    scrambled = Math.imul(scrambled ^ (scrambled >>> 15), 0x2c1b3c6d);
    const wanted = depth < zeroBits ? 0 : scrambled >>> 31;
    const bit = tree.record(node, wanted) === shape.nodeCount ? 1 - wanted : wanted;
    node = tree.record(node, bit);
    address[depth >> 3]! |= bit << (7 - (depth & 7));
    if (node === shape.nodeCount) return undefined;
    if (node > shape.nodeCount) return address;
  }
  throw new GeoDatabaseError(
    'SIGNPOST_GEO_CORRUPT',
    source,
    'its search tree is deeper than an address is long',
  );
}

function readSample(reader: Reader<Response>, address: Uint8Array, source: DatabaseSource): unknown {
  try {
    const record: unknown = reader.get(addressText(address));
    if (typeof record === 'object' && record !== null) return record;
  } catch (error) {
    throw new GeoDatabaseError(
      'SIGNPOST_GEO_CORRUPT',
      source,
      `the record of ${addressText(address)} is unreadable`,
      error,
    );
  }
  throw new GeoDatabaseError(
    'SIGNPOST_GEO_CORRUPT',
    source,
    `the record of ${addressText(address)} is no map`,
  );
}
