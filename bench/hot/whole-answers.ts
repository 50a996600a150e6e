/** Whole answers by kind, from the octets of the query to those of the response, by the fast path and by the general one alone. */
import { answerInFull, answerQuery } from '@signpost/authority/serve/answer-query';
import { Transport } from '@signpost/authority/serve/transport';
import { SOURCE } from '@signpost/authority/testing/sample-zone';
import { OUR_UDP_SIZE } from '@signpost/dns/constants';
import { decodeAnswer } from '@signpost/testkit/dns-client';

import { type Asked, type Crowd, HotPacket } from './hot-packets.ts';
import { hotContext, type HotWorld } from './hot-world.ts';
import type { Step } from './time-steps.ts';

interface Kind extends Asked {
  /** Of the response: what was measured must be what was meant. */
  readonly rcode?: string;
  readonly answers: number;
  readonly isLimited?: boolean;
}

const KINDS: Readonly<Record<string, Kind>> = {
  'A without EDNS': { kind: 'static', edns: false, answers: 1 },
  'A with EDNS': { kind: 'static', answers: 1 },
  'A with a client subnet': { kind: 'static', subnet: true, answers: 1 },
  'A with a cookie': { kind: 'static', cookie: true, answers: 1 },
  'A with EDNS and a rate limit': { kind: 'static', answers: 1, isLimited: true },
  'no such name': { kind: 'nothing', rcode: 'NXDOMAIN', answers: 0 },
  'a chain of one CNAME': { kind: 'alias', answers: 2 },
  'a referral': { kind: 'sub', below: 'www', answers: 0 },
  'by place in a table, client subnet': { kind: 'geo', subnet: true, answers: 1 },
  'by place, client subnet': { kind: 'place', subnet: true, answers: 1 },
  'by weight, client subnet': { kind: 'weighted', subnet: true, answers: 1 },
  'the nearest, client subnet': { kind: 'nearest', subnet: true, answers: 1 },
  'affinity, client subnet': { kind: 'affinity', subnet: true, answers: 1 },
};

export function wholeAnswers(world: HotWorld, crowd: Crowd): Map<string, Step> {
  const steps = new Map<string, Step>();
  for (const [name, kind] of Object.entries(KINDS)) {
    steps.set(name, answerStep(world, crowd, kind, answerQuery));
    steps.set(`${name}, in full`, answerStep(world, crowd, kind, answerInFull));
  }
  return steps;
}

function answerStep(world: HotWorld, crowd: Crowd, kind: Kind, answer: typeof answerQuery): Step {
  const output = new Uint8Array(OUR_UDP_SIZE);
  const context = hotContext(world, kind.isLimited);
  const packet = new HotPacket(kind, crowd);
  const step = (turn: number): number => {
    const octets = packet.turn(turn);
    context.nowMs = turn;
    return answer(context, octets, octets.length, SOURCE, Transport.udp, output);
  };
  const { rcode, answers } = decodeAnswer(Buffer.from(output.subarray(0, step(0))));
  if (rcode !== (kind.rcode ?? 'NOERROR') || answers.length !== kind.answers) {
    throw new Error(`${kind.kind}: the answer is ${rcode} with ${answers.length} records`);
  }
  return (turn) => void step(turn);
}
