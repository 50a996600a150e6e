/**
 * Static records: values of the kind that the type takes, in a form that goes into a message.
 */
import type { RecordValue, StaticRecordConfiguration } from '@signpost/contracts/configuration';
import { typeCode } from '@signpost/dns/constants';
import { NameError, RdataError } from '@signpost/dns/errors';
import { encodeRdata } from '@signpost/dns/rdata';

import type { Path } from './readable-parts.ts';
import type { ReferenceMistake } from './reference-mistake.ts';
import { recordTexts } from './static-record.ts';

export function checkStaticRecord(record: StaticRecordConfiguration, path: Path): ReferenceMistake[] {
  const { type, value, values } = record;
  if (value !== undefined && values !== undefined) {
    const message = 'value and values exclude each other; put all into values';
    return [{ path: [...path, 'value'], message, atKey: true }];
  }
  if (value !== undefined) return checkValue(record, value, [...path, 'value']).mistakes;
  if (values === undefined)
    return [{ path, message: `a record of type ${type} needs value or values; add one` }];
  if (type === 'CNAME' && values.length > 1) {
    const message = 'a name has one CNAME record (RFC 2181); keep one value';
    return [{ path: [...path, 'values'], message }];
  }
  const seen = new Set<string>();
  return values.flatMap((each, index) => {
    const at = [...path, 'values', index];
    const { mistakes, rdata } = checkValue(record, each, at);
    if (rdata === undefined || !seen.has(rdata)) {
      if (rdata !== undefined) seen.add(rdata);
      return mistakes;
    }
    return [{ path: at, message: 'this value stands here twice; remove one' }];
  });
}

interface CheckedValue {
  readonly mistakes: ReferenceMistake[];
  /** Wire form as text, for comparison. */
  readonly rdata?: string;
}

function checkValue({ type }: StaticRecordConfiguration, value: RecordValue, path: Path): CheckedValue {
  const form = formOf(value);
  if (form !== undefined && form !== type) {
    const message = `these are the fields of ${form}; write a text for ${type}, or type: ${form}`;
    return { mistakes: [{ path, message }] };
  }
  try {
    const [text] = recordTexts(type, [value]);
    return { mistakes: [], rdata: encodeRdata(typeCode(type)!, text!).join() };
  } catch (error) {
    if (error instanceof RdataError || error instanceof NameError) {
      return { mistakes: [{ path, message: error.message }] };
    }
    throw error;
  }
}

/** The type whose fields an object has; undefined for a text. */
function formOf(value: RecordValue): 'MX' | 'SRV' | 'CAA' | undefined {
  if (typeof value === 'string') return undefined;
  if ('exchange' in value) return 'MX';
  return 'tag' in value ? 'CAA' : 'SRV';
}
