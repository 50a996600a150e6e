/**
 * The steps of an answer one by one, in the order of `answer-query.ts`, for a steered name and a client subnet. Each
 * finds what the steps before it left; name and client change with each turn where the step looks at them.
 */
import { optRoom, writeOpt } from '@signpost/authority/encode/write-opt';
import { writeAnswer } from '@signpost/authority/encode/write-answer';
import { findName } from '@signpost/authority/find/find-name';
import { findZone } from '@signpost/authority/find/find-zone';
import { RateLimiter } from '@signpost/authority/limit/rate-limiter';
import { judgeResponse } from '@signpost/authority/limit/judge-response';
import { rateTableMemory } from '@signpost/authority/limit/rate-table';
import { answerQuery } from '@signpost/authority/serve/answer-query';
import { chooseRecords } from '@signpost/authority/serve/choose-records';
import type { QueryContext } from '@signpost/authority/serve/query-context';
import { Transport } from '@signpost/authority/serve/transport';
import { verifyCookie } from '@signpost/authority/serve/verify-cookie';
import { SOURCE } from '@signpost/authority/testing/sample-zone';
import { HeaderFlag, OUR_UDP_SIZE } from '@signpost/dns/constants';
import { parseQuery } from '@signpost/dns/parse-query';
import { seededDraw } from '@signpost/testkit/seeded-draw';

import { hotContext, type HotWorld, packets, PACKETS } from './hot-world.ts';
import type { Step } from './time-steps.ts';

const DIGIT_0 = 0x30;
/** In `geo-123`, behind the length. */
const DIGITS_AT = 5;

export function querySteps(world: HotWorld): Map<string, Step> {
  const draw = seededDraw(9);
  const output = new Uint8Array(OUR_UDP_SIZE);
  const asked = packets({ prefix: 'geo', subnet: true }, draw);
  const packet = asked.find((octets) => octets[12] === 'geo-123'.length)!;
  const context = hotContext(world);
  answerQuery(context, packet, packet.length, SOURCE, Transport.udp, output);
  const { node } = context.found;
  return new Map<string, Step>([
    ['parse', (turn) => parse(context, asked[turn & (PACKETS - 1)]!)],
    ['cookie', cookieStep(world)],
    ['view client, place', viewStep(answered(world, packet))],
    ['find zone and name', findStep(answered(world, packet))],
    ['choose (place known)', () => void chooseRecords(context, node!)],
    ['encode', encodeStep(answered(world, packet), packet, output)],
    ['limit rate', limitStep(answered(world, packet))],
  ]);
}

/** A context of its own, as an answer leaves it. */
function answered(world: HotWorld, packet: Uint8Array): QueryContext {
  const context = hotContext(world);
  answerQuery(context, packet, packet.length, SOURCE, Transport.udp, new Uint8Array(OUR_UDP_SIZE));
  return context;
}

function parse(context: QueryContext, packet: Uint8Array): void {
  parseQuery(packet, packet.length, context.query);
}

function cookieStep(world: HotWorld): Step {
  const [packet] = packets({ prefix: 'static', cookie: true }, seededDraw(1));
  const context = answered(world, packet!);
  return () => void verifyCookie(context, packet!, SOURCE);
}

function viewStep({ client, query }: QueryContext): Step {
  return (turn) => {
    const mixed = Math.imul((turn & (PACKETS - 1)) + 1, 0x9e3779b1);
    query.clientSubnetAddress[0] = 1 + ((mixed >>> 8) % 222);
    query.clientSubnetAddress[1] = mixed >>> 16;
    query.clientSubnetAddress[2] = mixed >>> 24;
    client.look(query, SOURCE);
    client.place();
  };
}

function findStep(context: QueryContext): Step {
  const { query, found } = context;
  return (turn) => {
    query.qname[DIGITS_AT] = DIGIT_0 + 1 + (turn % 9);
    query.qname[DIGITS_AT + 1] = DIGIT_0 + ((turn >>> 4) % 10);
    query.qname[DIGITS_AT + 2] = DIGIT_0 + ((turn >>> 8) % 10);
    findName(findZone(context.snapshot, context.name, query.qtype)!, context.name, query.qtype, found);
  };
}

function encodeStep(context: QueryContext, packet: Uint8Array, output: Uint8Array): Step {
  const { query, writer } = context;
  return () => {
    writer.reset(output, 0, OUR_UDP_SIZE);
    writer.writeHeader(query.id, HeaderFlag.QR);
    writer.writeQuestion(packet, query);
    writer.reserve(optRoom(context));
    writeAnswer(context);
    writeOpt(context, context.scope);
    writer.finish();
  };
}

/** High enough that nothing is ever withheld. */
function limitStep(context: QueryContext): Step {
  const limits = { perSecond: 10_000, windowMs: 15_000, slip: 2, exempt: [] };
  context.limiter = new RateLimiter(rateTableMemory(2 ** 18), new Uint8Array(8), limits, () => 0);
  return (turn) => {
    context.nowMs = turn;
    judgeResponse(context, SOURCE);
  };
}
