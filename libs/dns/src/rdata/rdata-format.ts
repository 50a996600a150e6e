/**
 * What each record type offers here: its RDATA read from text and written as text.
 * `../rdata.ts` chooses by type. Only the shape; no type is known here.
 */
import type { CasedName } from '../wire-name.ts';
import type { Field } from './split-fields.ts';

export interface RdataFormat {
  /** The RDATA in wire form, names uncompressed with their case kept. Names are relative to `origin`;
   * without one they must be absolute. Throws RdataError or NameError. */
  readonly encode: (fields: readonly Field[], origin?: CasedName) => Uint8Array;
  /** Presentation format; undefined when the octets are not well-formed RDATA of the type. */
  readonly format: (octets: Uint8Array) => string | undefined;
}
