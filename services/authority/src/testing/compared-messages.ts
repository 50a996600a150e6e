/** For tests only: a response as what it means, so that two that differ in compression alone are equal. */
import { RRType } from '@signpost/dns/constants';
import { readMessage, type ResourceRecord } from '@signpost/dns/reference/read-message';
import { LOWER_CASE } from '@signpost/dns/wire-name';

/** A compressed name takes the case of what it points at, so names that may be are in lower case; all else is as sent. */
export function messageOf(octets: Uint8Array): object {
  const message = readMessage(octets);
  const opt = message.additional.find(({ type }) => type === RRType.OPT);
  return {
    length: message.length === octets.length,
    id: message.id,
    flags: message.flags,
    rcode: message.rcode,
    questions: message.questions.map(({ name, ...rest }) => ({ ...rest, name: hexOf(name) })),
    answers: message.answers.map(shown),
    authority: message.authority.map(shown),
    additional: message.additional.filter((record) => record !== opt).map(shown),
    opt: opt && { ...opt, name: hexOf(opt.name), rdata: hexOf(opt.rdata), offset: undefined },
    isOptLast: opt === undefined || message.additional.at(-1) === opt,
  };
}

function shown({ name, type, class: rrclass, ttl, rdata }: ResourceRecord): string {
  return [hexOf(lowered(name)), type, rrclass, ttl, hexOf(loweredNames(type, rdata))].join(' ');
}

/** Names as RFC 1035's types have them, with what stands before and behind. */
function loweredNames(type: number, rdata: Uint8Array): Uint8Array {
  switch (type) {
    case RRType.NS:
    case RRType.CNAME:
    case RRType.PTR:
      return lowered(rdata);
    case RRType.MX:
      return Uint8Array.of(...rdata.subarray(0, 2), ...lowered(rdata.subarray(2)));
    case RRType.SOA:
      return Uint8Array.of(...lowered(rdata.subarray(0, -20)), ...rdata.subarray(-20));
    default:
      return rdata;
  }
}

/** Lengths of labels are below all letters. */
function lowered(name: Uint8Array): Uint8Array {
  return name.map((octet) => LOWER_CASE[octet]!);
}

function hexOf(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}
