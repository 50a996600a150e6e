/** The client of an explanation: an address or a prefix, as in `81.2.69.160` or `2001:db8::/48`. Pure. */
import { formatAddress, maskedTo, parseAddress } from '@signpost/dns/address';

export interface ParsedClient {
  readonly family: 4 | 6;
  /** 4 or 16 octets; bits behind the prefix are zero. */
  readonly octets: Uint8Array;
  readonly sourceLength: number;
  /** `81.2.69.0/24`. */
  readonly text: string;
}

/** Undefined when the text is neither. */
export function parseClient(text: string): ParsedClient | undefined {
  const [addressText = '', lengthText, ...rest] = text.split('/');
  const parsed = parseAddress(addressText);
  if (parsed === undefined || rest.length > 0) return undefined;
  const bits = parsed.octets.length * 8;
  if (lengthText !== undefined && !/^\d{1,3}$/.test(lengthText)) return undefined;
  const sourceLength = lengthText === undefined ? bits : Number(lengthText);
  if (sourceLength > bits) return undefined;
  const octets = maskedTo(parsed.octets, sourceLength);
  return { family: parsed.family, octets, sourceLength, text: `${formatAddress(octets)}/${sourceLength}` };
}
