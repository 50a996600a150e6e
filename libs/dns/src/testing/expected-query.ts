/**
 * For tests only: what `parseQuery` should make of a packet, said again over what the plain decoder reads of it. It
 * shares no code with the fast parser.
 */
import assert from 'node:assert/strict';

import { maskedTo } from '../address.ts';
import { EdnsOption, RRType } from '../constants.ts';
import { MessageError } from '../errors.ts';
import { ParseOutcome } from '../parse-query.ts';
import type { Query } from '../query.ts';
import { joined } from '../reference/build-packet.ts';
import { type Message, readMessage } from '../reference/read-message.ts';
import { endOfName, toWireName } from '../wire-name.ts';

/** The rules of `parseQuery`, said again over the decoded message. */
export function expectedOutcome(octets: Uint8Array): { outcome: ParseOutcome; message?: Message } {
  if (octets.length < 12 || octets[2]! >= 0x80) return { outcome: ParseOutcome.ignore };
  if ((octets[2]! & 0x78) !== 0) return { outcome: ParseOutcome.notimp };
  let message: Message;
  try {
    message = readMessage(octets, { expandRdata: false });
  } catch (error) {
    assert.ok(error instanceof MessageError);
    return { outcome: ParseOutcome.formerr };
  }
  const { questions, answers, authority, additional, edns } = message;
  const tsig = additional.findIndex((record) => record.type === RRType.TSIG);
  const isCompressed = questions.length === 1 && endOfName(octets, 12, octets.length) < 0;
  const isTransfer = questions[0]?.type === RRType.IXFR && authority.length === 1;
  const hasRightAuthority = isTransfer ? authority[0]!.type === RRType.SOA : authority.length === 0;
  const isOrderly = answers.length === 0 && hasRightAuthority && (tsig < 0 || tsig === additional.length - 1);
  if (!isOrderly || isCompressed || questions.length > 1) return { outcome: ParseOutcome.formerr };
  if (edns !== undefined && edns.version > 0) return { outcome: ParseOutcome.badvers };
  const wellFormed = isCookieLegal(message) && isSubnetLegal(message) && questions.length === 1;
  return { outcome: wellFormed ? ParseOutcome.accept : ParseOutcome.formerr, message };
}

function firstOption(message: Message, code: number): Uint8Array | undefined {
  return message.edns?.options.find((candidate) => candidate.code === code)?.data;
}

function isCookieLegal(message: Message): boolean {
  const data = firstOption(message, EdnsOption.COOKIE);
  return data === undefined || data.length === 8 || (data.length >= 16 && data.length <= 40);
}

function isSubnetLegal(message: Message): boolean {
  const data = firstOption(message, EdnsOption.CLIENT_SUBNET);
  if (data === undefined) return true;
  if (data.length < 4) return false;
  const family = data[0]! * 256 + data[1]!;
  const source = data[2]!;
  const longest = [0, 32, 128][family] ?? -1;
  const address = data.subarray(4);
  const isWhole = address.length === Math.ceil(source / 8);
  return (
    data[3] === 0 && source <= longest && isWhole && Buffer.compare(maskedTo(address, source), address) === 0
  );
}

export function assertSameFields(query: Query, message: Message, octets: Uint8Array): void {
  const [asked] = message.questions;
  assert.equal(query.id, message.id);
  assert.equal(query.flags, message.flags);
  assert.deepEqual(query.name.octets.slice(0, query.name.length), new Uint8Array(toWireName(asked!.name)));
  assert.equal(query.questionEnd, 12 + asked!.name.length + 4);
  assert.deepEqual([query.qtype, query.qclass], [asked!.type, asked!.class]);
  assert.equal(query.hasEdns, message.edns !== undefined);
  assert.equal(query.udpSize, Math.max(512, message.edns?.udpSize ?? 512));
  assert.equal(query.dnssecOk, message.edns?.dnssecOk ?? false);
  assert.equal(query.nsidAsked, firstOption(message, EdnsOption.NSID) !== undefined);
  assert.equal(query.tcpKeepaliveAsked, firstOption(message, EdnsOption.TCP_KEEPALIVE) !== undefined);
  assert.equal(query.isPadded, firstOption(message, EdnsOption.PADDING) !== undefined);
  const tsig = message.additional.find((record) => record.type === RRType.TSIG);
  assert.equal(query.tsigOffset, tsig?.offset ?? 0);
  const cookieData = firstOption(message, EdnsOption.COOKIE) ?? new Uint8Array();
  assert.deepEqual(octets.slice(query.cookieOffset, query.cookieOffset + query.cookieLength), cookieData);
  const subnet = firstOption(message, EdnsOption.CLIENT_SUBNET);
  assert.equal(query.hasClientSubnet, subnet !== undefined);
  if (subnet === undefined) return;
  assert.deepEqual([query.clientSubnetFamily, query.clientSubnetSourcePrefixLength], [subnet[1], subnet[2]]);
  assert.deepEqual(
    query.clientSubnetAddress,
    joined([subnet.subarray(4), new Uint8Array(20 - subnet.length)]),
  );
}
