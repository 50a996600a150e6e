/** What a server tells of itself in class CH, as its operator wrote it, ready for the wire (RFC 4892). */
import { parseName } from '@signpost/dns/name-text';
import type { WireName } from '@signpost/dns/wire-name';

export interface ChaosText {
  readonly name: WireName;
  /** RDATA of the one TXT record. */
  readonly rdata: Uint8Array;
}

/** One character string. */
export const MAX_CHAOS_TEXT_LENGTH = 255;

export interface ServerTexts {
  /** UTF-8, 1 to 255 octets. Undefined: not told. */
  readonly id: Uint8Array | undefined;
  readonly version: Uint8Array | undefined;
}

export function chaosTexts({ id, version }: ServerTexts): readonly ChaosText[] {
  return [
    ...named(id, ['id.server', 'hostname.bind']),
    ...named(version, ['version.server', 'version.bind']),
  ];
}

function named(text: Uint8Array | undefined, names: readonly string[]): ChaosText[] {
  if (text === undefined) return [];
  const rdata = Uint8Array.of(text.length, ...text);
  return names.map((name) => ({ name: parseName(name), rdata }));
}
