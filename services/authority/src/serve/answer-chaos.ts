/**
 * Questions about the server itself, in class CH (RFC 4892): who it is (`id.server`, `hostname.bind`) and what it runs
 * (`version.server`, `version.bind`), each as its operator wrote it, or REFUSED. What is told was built before: a query
 * compares names and copies.
 */
import { ExtendedError, HeaderFlag, Rcode, RRClass, RRType } from '@signpost/dns/constants';
import type { HashedName } from '@signpost/dns/hashed-name';
import { Section } from '@signpost/dns/write-message';

import type { ChaosText } from './chaos-texts.ts';
import type { QueryContext } from './query-context.ts';

export function answerChaos(context: QueryContext): Rcode {
  const { query, writer } = context;
  const text = query.qtype === RRType.TXT ? textFor(context) : undefined;
  if (text === undefined) {
    context.extendedError = ExtendedError.NOT_AUTHORITATIVE;
    return Rcode.REFUSED;
  }
  writer.addFlags(HeaderFlag.AA);
  context.hasAnswer = writer.writeRecord(Section.answer, null, RRType.TXT, RRClass.CH, 0, text.rdata);
  if (!context.hasAnswer) writer.addFlags(HeaderFlag.TC);
  return Rcode.NOERROR;
}

function textFor({ chaos, query }: QueryContext): ChaosText | undefined {
  for (let i = 0; i < chaos.length; i += 1) if (isAsked(chaos[i]!, query.name)) return chaos[i]!;
  return undefined;
}

function isAsked({ name }: ChaosText, { octets, length }: HashedName): boolean {
  if (name.length !== length) return false;
  for (let i = 0; i < name.length; i += 1) if (name[i] !== octets[i]) return false;
  return true;
}
