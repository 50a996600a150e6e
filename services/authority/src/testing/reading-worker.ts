/**
 * For tests only: a worker thread that asks for the same names as fast as it can, while another thread changes what they
 * hold, and looks at each answer. Each address says of which version of its set it is, of how many, and which one.
 */
import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';

import { Rcode, RRType } from '@signpost/dns/constants';
import { skipName } from '@signpost/dns/skip-name';
import { encodeQuery } from '@signpost/testkit/dns-client';

import type { ImageMemory } from '../image/layout.ts';
import { ImageSnapshot } from '../image/read-image.ts';
import { answerQuery } from '../serve/answer-query.ts';
import { Transport } from '../serve/transport.ts';
import { contextFor, SOURCE } from './sample-zone.ts';

export interface AskedName {
  readonly name: string;
  /** Which answers are right: of the versioned addresses, a denial, a referral; or the one and only version. */
  readonly may: ReadonlyArray<'versions' | 'nxdomain' | 'referral'>;
  /** Names whose sets may answer have each a series of their own, which its versions count. */
  readonly series: readonly number[];
}

export interface ReadingStart {
  readonly names: readonly AskedName[];
  readonly memory: ImageMemory;
  readonly port: MessagePort;
  /** One count for each worker: answers so far. */
  readonly answers: Int32Array;
  readonly number: number;
}

export type ReadingRequest = ImageMemory | 'end';
/** What was wrong; undefined: nothing, and the image is in use, or the end is reached. */
export interface ReadingReply {
  readonly wrong: string | undefined;
  /** How many answers were of each kind. */
  readonly seen: Readonly<Record<string, number>>;
}

/** `series` and `version` are below 65,536. */
export function versionedAddresses(series: number, version: number, count: number): string[] {
  const hex = (value: number) => value.toString(16);
  return Array.from(
    { length: count },
    (_, i) =>
      `2001:db8:${hex(series)}:${hex(version >>> 16)}:${hex(version & 0xffff)}:0:${hex(count)}:${hex(i)}`,
  );
}

const BATCH = 64;

if (workerData !== null) read(workerData as ReadingStart);

function read({ names, memory, port, answers, number }: ReadingStart): void {
  const context = contextFor(new ImageSnapshot(memory));
  const output = new Uint8Array(65_535);
  const queries = names.map(({ name }) => encodeQuery({ name, type: 'AAAA', edns: true }));
  const newest = names.map(() => new Map<number, number>());
  const seen: Record<string, number> = {};
  let wrong: string | undefined;
  for (;;) {
    for (let i = 0; i < BATCH && wrong === undefined; i += 1) {
      const transport = i % 4 === 3 ? Transport.tcp : Transport.udp; // by the general path as well
      for (const [at, query] of queries.entries()) {
        const length = answerQuery(context, query, query.length, SOURCE, transport, output);
        const outcome = look(output, length, names[at]!, newest[at]!);
        if (outcome.startsWith('wrong')) wrong ??= `${names[at]!.name}, transport ${transport}: ${outcome}`;
        seen[outcome] = (seen[outcome] ?? 0) + 1;
        Atomics.add(answers, number, 1);
      }
    }
    const request: { message: ReadingRequest } | undefined = receiveMessageOnPort(port);
    if (request === undefined) continue;
    if (request.message !== 'end') context.snapshot = new ImageSnapshot(request.message);
    const reply: ReadingReply = { wrong, seen };
    port.postMessage(reply);
    if (request.message === 'end') return port.close();
  }
}

/** What kind of answer it is, or `wrong` and why. */
function look(message: Uint8Array, length: number, asked: AskedName, newest: Map<number, number>): string {
  const { view, answers, isAuthoritative, authorityType } = readMessage(message, length);
  const rcode = message[3]! & 0xf;
  const kind =
    answers.length > 0
      ? 'versions'
      : !isAuthoritative && authorityType === RRType.NS
        ? 'referral'
        : rcode === Rcode.NXDOMAIN
          ? 'nxdomain'
          : 'nodata';
  if (rcode !== Rcode.NOERROR && rcode !== Rcode.NXDOMAIN) return `wrong: response code ${rcode}`;
  if ((message[2]! & 2) !== 0) return 'wrong: truncated';
  if (!asked.may.some((may) => may === kind)) return `wrong: ${kind}`;
  if (kind !== 'versions') return kind;
  const words = (at: number) => [0, 2, 4, 6, 8, 10, 12, 14].map((i) => view.getUint16(at + i));
  const [, , series, high, low, , count] = words(answers[0]!) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const version = high * 65_536 + low;
  if (!asked.series.includes(series)) return `wrong: of series ${series}`;
  const indexes = new Set<number>();
  for (const at of answers) {
    const own = words(at);
    if (own[2] !== series || own[3] !== high || own[4] !== low || own[6] !== count) {
      return `wrong: version ${version} and ${own[3]! * 65_536 + own[4]!} in one answer`;
    }
    indexes.add(own[7]!);
  }
  if (indexes.size !== count || answers.length !== count) {
    return `wrong: ${answers.length} of ${count} records of version ${version}`;
  }
  const known = newest.get(series) ?? 0;
  if (version < known) return `wrong: version ${version} after ${known}`;
  newest.set(series, version);
  return kind;
}

/** Where the RDATA of each address in the answer section stands. */
function readMessage(message: Uint8Array, length: number) {
  const view = new DataView(message.buffer, 0, length);
  const answers: number[] = [];
  let at = skipName(message, 12, length) + 4;
  let authorityType = 0;
  for (let i = 0; i < view.getUint16(6) + view.getUint16(8); i += 1) {
    at = skipName(message, at, length);
    const type = view.getUint16(at);
    if (i >= view.getUint16(6)) authorityType = type;
    else if (type === RRType.AAAA) answers.push(at + 10);
    at += 10 + view.getUint16(at + 8);
  }
  return { view, answers, isAuthoritative: (message[2]! & 4) !== 0, authorityType };
}
