/**
 * The steps of the fast path one by one, in the order of `answer-fast.ts`, for a steered name and a client subnet. Each
 * finds what the steps before it left; name and client change with each turn where the step looks at them.
 */
import { guessZone } from '@signpost/authority/fast/find-fast';
import { findSet, writeSteered } from '@signpost/authority/fast/steer-fast';
import { TO_QUESTION } from '@signpost/authority/fast/write-fast';
import { ResponseKind } from '@signpost/authority/limit/rate-limiter';
import { answerQuery } from '@signpost/authority/serve/answer-query';
import type { QueryContext } from '@signpost/authority/serve/query-context';
import { Transport } from '@signpost/authority/serve/transport';
import { verifyCookie } from '@signpost/authority/serve/verify-cookie';
import { SOURCE } from '@signpost/authority/testing/sample-zone';
import { OUR_UDP_SIZE, RRType } from '@signpost/dns/constants';
import { parseQuery } from '@signpost/dns/parse-query';

import { type Crowd, HotPacket } from './hot-packets.ts';
import { generousLimiter, hotContext, type HotWorld } from './hot-world.ts';
import type { Step } from './time-steps.ts';

const GEO = { kind: 'geo', subnet: true };

export function querySteps(world: HotWorld, crowd: Crowd): Map<string, Step> {
  const output = new Uint8Array(OUR_UDP_SIZE);
  return new Map<string, Step>([
    ['next packet (of the bench)', nextStep(crowd)],
    ['parse', parseStep(world, crowd)],
    ['cookie', cookieStep(world, crowd)],
    ['parse, find zone and name', findStep(world, crowd)],
    ['look at client, select, write', selectStep(world, crowd, output)],
    ['limit rate', limitStep()],
  ]);
}

function nextStep(crowd: Crowd): Step {
  const packet = new HotPacket(GEO, crowd);
  return (turn) => void packet.turn(turn);
}

function parseStep(world: HotWorld, crowd: Crowd): Step {
  const { query } = hotContext(world);
  const packet = new HotPacket(GEO, crowd);
  return (turn) => void parseQuery(packet.turn(turn), packet.octets.length, query);
}

function cookieStep(world: HotWorld, crowd: Crowd): Step {
  const packet = new HotPacket({ kind: 'static', cookie: true }, crowd);
  const context = answered(world, packet);
  return () => void verifyCookie(context, packet.octets, SOURCE);
}

/** A context of its own, as an answer leaves it. */
function answered(world: HotWorld, packet: HotPacket): QueryContext {
  const context = hotContext(world);
  const octets = packet.turn(0);
  answerQuery(context, octets, octets.length, SOURCE, Transport.udp, new Uint8Array(OUR_UDP_SIZE));
  return context;
}

/** With parsing before it, since names of other hashes are in other places. */
function findStep(world: HotWorld, crowd: Crowd): Step {
  const packet = new HotPacket(GEO, crowd);
  const { query, fast, snapshot } = answered(world, packet);
  const { index } = snapshot;
  return (turn) => {
    parseQuery(packet.turn(turn), packet.octets.length, query);
    guessZone(index, fast, query.name);
    index.findWholeName(fast.zone, query.name);
  };
}

function selectStep(world: HotWorld, crowd: Crowd, output: Uint8Array): Step {
  const packet = new HotPacket(GEO, crowd);
  const context = answered(world, packet);
  const { query, fast, snapshot } = context;
  const { index } = snapshot;
  const name = index.findWholeName(fast.zone, query.name);
  const set = findSet(index.words, name, RRType.A);
  const clientAt = packet.octets.length - 3;
  return (turn) => {
    const octets = packet.turn(turn);
    for (let i = 0; i < 3; i += 1) query.clientSubnetAddress[i] = octets[clientAt + i]!;
    fast.at = query.questionEnd;
    context.isClientKnown = false;
    context.lookAtClient(SOURCE);
    writeSteered(context, name, set, TO_QUESTION, output);
  };
}

function limitStep(): Step {
  const limiter = generousLimiter();
  return (turn) => void limiter.judge(SOURCE, ResponseKind.answer, RRType.A, turn & 0xff, turn);
}
