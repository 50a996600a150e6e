/**
 * H3, dns: asks one question over UDP or TCP and passes on the response code wanted and, where the monitor names
 * data, when each of it is among the answers. Containment, since servers rotate and add: what must be there is
 * what a monitor can know. A truncated response is asked for again over TCP, as a resolver would.
 */
import { randomInt } from 'node:crypto';

import type { Check, ProbeOf } from '@signpost/contracts/probe-assignment';
import { rcodeName, RRClass, typeCode, HeaderFlag } from '@signpost/dns/constants';
import { parseName } from '@signpost/dns/name-text';
import { encodeRdata } from '@signpost/dns/rdata';
import { canonicalRdata } from '@signpost/dns/rdata/canonical-rdata';
import { buildPacket, optRecord } from '@signpost/dns/reference/build-packet';
import type { Message } from '@signpost/dns/reference/read-message';
import { namesEqual, toWireName } from '@signpost/dns/wire-name';

import type { Attempt } from './attempt.ts';
import { askOverTcp, askOverUdp, type DnsAnswer } from './dns-exchange.ts';
import type { ProbeResult } from './probe-result.ts';
import type { ProbeTools } from './probe-tools.ts';
import { anyOf, quoted, reasonOf, shortReason } from './reason.ts';

/** The most data of an answer that a reason shows. */
const SHOWN = 4;

type DnsProbe = ProbeOf<'dns'>;

export async function probeDns(
  probe: DnsProbe,
  check: Check,
  tools: ProbeTools,
  attempt: Attempt,
): Promise<ProbeResult> {
  const question = readQuestion(probe);
  if (question.kind === 'unable') return question;
  const accepts = (message: Message) => isAnswerTo(message, question);
  let answer: DnsAnswer =
    probe.transport === 'udp'
      ? await askOverUdp(question.packet, accepts, check, tools.resolve, attempt)
      : await askOverTcp(question.packet, accepts, check, tools.resolve, attempt);
  if (answer.kind === 'answer' && (answer.message.flags & HeaderFlag.TC) !== 0 && probe.transport === 'udp') {
    answer = await askOverTcp(question.packet, accepts, check, tools.resolve, attempt);
  }
  if (answer.kind !== 'answer') return answer;
  const { message, startedMs, phases } = answer;
  const roundTripMs = performance.now() - startedMs;
  const wrong = judgeMessage(probe, question, message);
  return wrong === undefined
    ? { kind: 'pass', roundTripMs, phases }
    : { kind: 'fail', reason: shortReason(wrong), roundTripMs };
}

interface Question {
  readonly kind: 'question';
  readonly id: number;
  readonly name: ReturnType<typeof parseName>;
  readonly type: number;
  readonly wanted: ReadonlyArray<{ readonly text: string; readonly rdata: Uint8Array }>;
  readonly packet: Uint8Array;
}

/** The controller has checked all this; one that is newer than we are may know types that we do not. */
function readQuestion(probe: DnsProbe): Question | { readonly kind: 'unable'; readonly reason: string } {
  try {
    const name = parseName(probe.name);
    const type = typeCode(probe.queryType);
    if (type === undefined) throw new Error(`type ${quoted(probe.queryType)} is not known`);
    const id = randomInt(0x10000);
    const wanted = (probe.answers ?? []).map((text) => ({
      text,
      rdata: canonicalRdata(type, encodeRdata(type, text)),
    }));
    const packet = buildPacket({
      id,
      flags: probe.recurse ? HeaderFlag.RD : 0,
      questions: [{ name, type }],
      additional: [optRecord()],
    });
    return { kind: 'question', id, name, type, wanted, packet };
  } catch (error) {
    return {
      kind: 'unable',
      reason: shortReason(`the monitor's question cannot be asked: ${reasonOf(error)}`),
    };
  }
}

/** A response to something else, late or forged, is passed over (RFC 5452 section 9.1). */
function isAnswerTo({ id, flags, questions }: Message, asked: Question): boolean {
  if (id !== asked.id || (flags & HeaderFlag.QR) === 0) return false;
  const [question] = questions;
  // Servers that could not read the question answer without it.
  if (question === undefined) return true;
  return (
    question.type === asked.type &&
    question.class === RRClass.IN &&
    namesEqual(toWireName(question.name), asked.name)
  );
}

/** Undefined when it is as wanted. */
function judgeMessage({ rcode }: DnsProbe, asked: Question, message: Message): string | undefined {
  const got = rcodeName(message.rcode);
  if (got !== rcode) return `response code ${got}, wanted ${rcode}`;
  const records = message.answers.filter(({ type }) => type === asked.type);
  const found = records.map(({ rdata }) => canonicalRdata(asked.type, rdata));
  const missing = asked.wanted.filter(
    ({ rdata }) => !found.some((octets) => Buffer.compare(octets, rdata) === 0),
  );
  if (missing.length === 0) return undefined;
  const texts = missing.slice(0, SHOWN).map(({ text }) => quoted(text));
  const rest = missing.length - texts.length;
  return `${rest > 0 ? `${texts.join(', ')} and ${rest} more` : anyOf(texts)} not among ${records.length} answers`;
}
