/** The value of a TXT record as a configuration has it best: its plain text, or RDATA where that says more. */
import type { RecordValue } from '@signpost/contracts/record-configuration';
import { RRType } from '@signpost/dns/constants';
import { encodeRdata } from '@signpost/dns/rdata';

import { recordTexts } from './static-record.ts';

/** The plain text of a TXT when it gives the same octets again: else they say more, as where strings end. */
export function textValue(rdata: string): Extract<RecordValue, string | { rdata: string }> {
  const octets = encodeRdata(RRType.TXT, rdata);
  const text: number[] = [];
  for (let at = 0; at < octets.length; at += octets[at]! + 1) {
    text.push(...octets.subarray(at + 1, at + 1 + octets[at]!));
  }
  const plain = new TextDecoder().decode(Uint8Array.from(text));
  const [again] = recordTexts('TXT', [plain]);
  return Buffer.compare(encodeRdata(RRType.TXT, again!), octets) === 0 ? plain : { rdata };
}
