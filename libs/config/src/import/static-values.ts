/** RDATA texts of a source in our form, and what is wrong with those that are none. */
import { typeCode } from '@signpost/dns/constants';
import { NameError, RdataError } from '@signpost/dns/errors';
import { encodeRdata, formatRdata } from '@signpost/dns/rdata';
import { ROOT_NAME } from '@signpost/dns/wire-name';

export type RdataOrProblem =
  | { readonly rdata: string; readonly problem?: undefined }
  | { readonly rdata?: undefined; readonly problem: string };

/** Names in it are absolute, with or without their final dot. */
export function canonicalRdata(type: string, text: string): RdataOrProblem {
  const code = typeCode(type);
  if (code === undefined) return { problem: `there is no type ${type} here` };
  try {
    return { rdata: formatRdata(code, encodeRdata(code, text, ROOT_NAME)) };
  } catch (error) {
    if (error instanceof RdataError || error instanceof NameError) return { problem: error.message };
    throw error;
  }
}
