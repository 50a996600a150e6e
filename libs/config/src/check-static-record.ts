/**
 * Static records: values of the kind that the type takes, in a form that goes into a message.
 */
import type { RecordValue, StaticRecordConfiguration } from '@signpost/contracts/record-configuration';
import { isDataType, RRType, typeCode, typeName } from '@signpost/dns/constants';
import { NameError, RdataError } from '@signpost/dns/errors';
import { encodeRdata } from '@signpost/dns/rdata';
import { SINGLE_TYPES } from '@signpost/dns/zone-file/name-rules';

import type { Path } from './readable-parts.ts';
import type { ReferenceMistake } from './reference-mistake.ts';
import { recordTexts } from './static-record.ts';
import { closest } from './suggest.ts';

export function checkStaticRecord(record: StaticRecordConfiguration, path: Path): ReferenceMistake[] {
  const { type, value, values } = record;
  const problem = typeProblem(type);
  if (problem !== undefined) return [{ path: [...path, 'type'], message: problem }];
  if (value !== undefined && values !== undefined) {
    const message = 'value and values exclude each other; put all into values';
    return [{ path: [...path, 'value'], message, atKey: true }];
  }
  if (value !== undefined) return checkValue(record, value, [...path, 'value']).mistakes;
  if (values === undefined)
    return [{ path, message: `a record of type ${type} needs value or values; add one` }];
  if (SINGLE_TYPES.includes(typeCode(type)!) && values.length > 1) {
    const message = `a name has one ${type} record (RFC 2181); keep one value`;
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

/** Why no record of the type can be written here, with the remedy. */
function typeProblem(type: string): string | undefined {
  const code = typeCode(type);
  if (code === undefined) {
    const known = closest(type.toUpperCase(), Object.keys(RRType));
    const remedy =
      known === undefined ? 'write one such as A or MX, or TYPE and its number' : `did you mean "${known}"?`;
    return `${JSON.stringify(type)} is no record type; ${remedy}`;
  }
  if (!isDataType(code)) return `${type} is for questions and messages, never data; remove the record`;
  if (code === RRType.SOA)
    return 'the SOA is written in "soa" of the zone or stands in its file; remove it here';
  return typeName(code) === type ? undefined : `the type ${type} is written ${typeName(code)}; write that`;
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
  if (typeof value === 'string' || 'rdata' in value) return undefined;
  if ('exchange' in value) return 'MX';
  return 'tag' in value ? 'CAA' : 'SRV';
}
