/**
 * One answer as it is compared: what RFCs say of it and no more. Letters' case, order and compression do not count;
 * of the additional section only the addresses that a referral cannot do without do.
 */
import { HeaderFlag, rcodeName, RRType, typeName } from '@signpost/dns/constants';
import { formatName } from '@signpost/dns/name-text';
import { readMessage, type ResourceRecord } from '@signpost/dns/reference/read-message';
import { formatRdata } from '@signpost/dns/rdata';
import { canonicalRdata } from '@signpost/dns/rdata/canonical-rdata';

export interface ComparedAnswer {
  readonly rcode: string;
  readonly aa: boolean;
  readonly tc: boolean;
  /** `owner ttl TYPE rdata`, sorted. */
  readonly answer: readonly string[];
  readonly authority: readonly string[];
  /** Addresses below the cut, of a referral. */
  readonly glue: readonly string[];
}

/** Undefined: no answer, or none that can be read. */
export function comparedAnswer(octets: Uint8Array | undefined): ComparedAnswer | undefined {
  if (octets === undefined) return undefined;
  try {
    const { flags, rcode, answers, authority, additional } = readMessage(octets);
    const cut = authority.find(({ type }) => type === RRType.NS);
    const isBelow = ({ name }: ResourceRecord) =>
      cut !== undefined && isWithin(formatName(name), formatName(cut.name));
    return {
      rcode: rcodeName(rcode),
      aa: (flags & HeaderFlag.AA) !== 0,
      tc: (flags & HeaderFlag.TC) !== 0,
      answer: lines(answers),
      authority: lines(authority),
      glue: lines(additional.filter((record) => isAddress(record) && isBelow(record))),
    };
  } catch {
    return undefined;
  }
}

export function sameAnswer(a: ComparedAnswer | undefined, b: ComparedAnswer | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function lines(records: readonly ResourceRecord[]): string[] {
  const texts = records.map(({ name, ttl, type, rdata }) => {
    const data = formatRdata(type, canonicalRdata(type, rdata));
    return `${formatName(name)} ${ttl} ${typeName(type)} ${data}`;
  });
  return texts.toSorted();
}

function isAddress({ type }: ResourceRecord): boolean {
  return type === RRType.A || type === RRType.AAAA;
}

function isWithin(name: string, ancestor: string): boolean {
  return name === ancestor || name.endsWith(`.${ancestor}`);
}
