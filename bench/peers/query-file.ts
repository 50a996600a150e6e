/** Prepared queries with their acceptable answers, in the form that `../native/query-file.h` tells. Pure. */
import { encodeQuery } from '@signpost/testkit/dns-client';
import { parseAddress, parsePrefix } from '@signpost/testkit/parse-prefix';
import type { SeededDraw } from '@signpost/testkit/seeded-draw';

import { addressesOf, apexOf, type Client, type Kind, NAMES, ownerOf, REGIONS } from './workload.ts';

/** Pairs of a name and a client: so many that nothing learns them by heart within a round. */
const QUERIES = 200_000;
const HEADER_LENGTH = 6;
const OPTION_HEADER_LENGTH = 4;
const CLIENT_SUBNET = 8;

export interface QueryMix {
  readonly kind: Kind;
  /** Undefined: without Client Subnet, so that all clients are where the load comes from, which no database knows. */
  readonly clients: readonly Client[] | undefined;
  /** Instead of those of the client's region: for a server that knows none. */
  readonly allowed?: readonly string[];
}

export function encodeQueryFile({ kind, clients, allowed }: QueryMix, draw: SeededDraw): Buffer {
  const start = Buffer.alloc(8, 'SPQ1');
  start.writeUInt32LE(QUERIES, 4);
  const parts: Buffer[] = [start];
  const questions = Array.from({ length: NAMES }, (_, i) => encodeQuestion(`${ownerOf(i)}.${apexOf(kind)}`));
  const options = clients?.map(encodeOption);
  const answers = new Map(
    REGIONS.map((region) => {
      const ofRegion = kind === 'plain' ? addressesOf(region).slice(0, 1) : addressesOf(region);
      return [region, Buffer.concat((allowed ?? ofRegion).map(parseAddress))];
    }),
  );
  for (let i = 0; i < QUERIES; i += 1) {
    const question = questions[Math.floor(draw() * NAMES)]!;
    const at = Math.floor(draw() * (clients?.length ?? 0));
    const region = clients?.[at]?.region ?? 'rest';
    parts.push(encodeEntry(question, options?.[at], answers.get(region)!));
  }
  return Buffer.concat(parts);
}

/** As a resolver asks: with EDNS, without a wish for recursion. The OPT record stands last, with nothing in it. */
function encodeQuestion(name: string): Buffer {
  return encodeQuery({ id: 0, name, type: 'A', edns: true, recursionDesired: false });
}

/** RFC 7871 section 6: family, source and scope prefix length, the octets that the prefix covers. */
function encodeOption({ subnet }: Client): Buffer {
  const { octets, length } = parsePrefix(subnet);
  const address = octets.subarray(0, Math.ceil(length / 8));
  const family = octets.length === 4 ? 1 : 2;
  return Buffer.from([0, CLIENT_SUBNET, 0, 4 + address.length, 0, family, length, 0, ...address]);
}

function encodeEntry(question: Buffer, option: Buffer | undefined, allowed: Buffer): Buffer {
  const entry = Buffer.allocUnsafe(HEADER_LENGTH + question.length + (option?.length ?? 0) + allowed.length);
  const end = HEADER_LENGTH + question.length;
  entry.writeUInt16LE(question.length + (option?.length ?? 0), 0);
  entry.writeUInt16LE(option === undefined ? 0 : question.length + OPTION_HEADER_LENGTH, 2);
  entry[4] = 0; // NOERROR
  entry[5] = allowed.length / 4;
  question.copy(entry, HEADER_LENGTH);
  entry.writeUInt16BE(option?.length ?? 0, end - 2); // RDLENGTH of the OPT record
  option?.copy(entry, end);
  allowed.copy(entry, end + (option?.length ?? 0));
  return entry;
}
