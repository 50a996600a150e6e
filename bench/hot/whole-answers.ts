/** Whole answers by kind, from the octets of the query to those of the response. */
import { answerQuery } from '@signpost/authority/serve/answer-query';
import { Transport } from '@signpost/authority/serve/transport';
import { SOURCE } from '@signpost/authority/testing/sample-zone';
import { OUR_UDP_SIZE } from '@signpost/dns/constants';
import { decodeAnswer } from '@signpost/testkit/dns-client';
import { seededDraw } from '@signpost/testkit/seeded-draw';

import { type Asked, hotContext, type HotWorld, packets, PACKETS } from './hot-world.ts';
import type { Step } from './time-steps.ts';

interface Kind extends Asked {
  /** Of the response: what was measured must be what was meant. */
  readonly rcode?: string;
  readonly answers: number;
}

const KINDS: Readonly<Record<string, Kind>> = {
  'A without EDNS': { prefix: 'static', edns: false, answers: 1 },
  'A with EDNS': { prefix: 'static', answers: 1 },
  'A with a client subnet': { prefix: 'static', subnet: true, answers: 1 },
  'A with a cookie': { prefix: 'static', cookie: true, answers: 1 },
  'no such name': { prefix: 'nothing', rcode: 'NXDOMAIN', answers: 0 },
  'a chain of one CNAME': { prefix: 'alias', answers: 2 },
  'a referral': { prefix: 'www.sub', answers: 0 },
  'by place, client subnet': { prefix: 'geo', subnet: true, answers: 1 },
  'by weight, client subnet': { prefix: 'weighted', subnet: true, answers: 1 },
  'the nearest, client subnet': { prefix: 'nearest', subnet: true, answers: 1 },
  'affinity, client subnet': { prefix: 'affinity', subnet: true, answers: 1 },
};

export function wholeAnswers(world: HotWorld): Map<string, Step> {
  const draw = seededDraw(7);
  const output = new Uint8Array(OUR_UDP_SIZE);
  const context = hotContext(world);
  return new Map(
    Object.entries(KINDS).map(([name, kind]) => {
      const asked = packets(kind, draw);
      const step: Step = (turn) => {
        const packet = asked[turn & (PACKETS - 1)]!;
        answerQuery(context, packet, packet.length, SOURCE, Transport.udp, output);
      };
      const length = answerQuery(context, asked[0]!, asked[0]!.length, SOURCE, Transport.udp, output);
      const { rcode, answers } = decodeAnswer(Buffer.from(output.subarray(0, length)));
      if (rcode !== (kind.rcode ?? 'NOERROR') || answers.length !== kind.answers) {
        throw new Error(`${name}: the answer is ${rcode} with ${answers.length} records`);
      }
      return [name, step];
    }),
  );
}
