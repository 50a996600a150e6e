/** One value of a static octoDNS record as RDATA text, in the fields that its type has there. */
import * as z from 'zod';

import { recordTexts } from '../../static-record.ts';
import { toAsciiHost } from './ascii-names.ts';

type Form = 'plain' | 'quoted' | 'host' | 'metres';
interface Field {
  /** The present name first, then older ones. */
  readonly names: readonly string[];
  readonly form: Form;
  readonly absent?: string;
}

const plain = (...names: string[]): Field => ({ names, form: 'plain' });
const quoted = (...names: string[]): Field => ({ names, form: 'quoted' });
const host = (...names: string[]): Field => ({ names, form: 'host' });
const metres = (...names: string[]): Field => ({ names, form: 'metres' });

/** In the order of the RDATA. Types whose values are texts are not here. */
const FIELDS: Readonly<Record<string, readonly Field[]>> = {
  CAA: [{ ...plain('flags'), absent: '0' }, plain('tag'), quoted('value')],
  DS: [plain('key_tag'), plain('algorithm'), plain('digest_type'), plain('digest')],
  LOC: [
    plain('lat_degrees'),
    plain('lat_minutes'),
    plain('lat_seconds'),
    plain('lat_direction'),
    plain('long_degrees'),
    plain('long_minutes'),
    plain('long_seconds'),
    plain('long_direction'),
    metres('altitude'),
    metres('size'),
    metres('precision_horz'),
    metres('precision_vert'),
  ],
  MX: [plain('preference', 'priority'), host('exchange', 'value')],
  NAPTR: [
    plain('order'),
    plain('preference'),
    quoted('flags'),
    quoted('service'),
    quoted('regexp'),
    host('replacement'),
  ],
  SRV: [plain('priority'), plain('weight'), plain('port'), host('target')],
  SSHFP: [plain('algorithm'), plain('fingerprint_type'), plain('fingerprint')],
  SVCB: [plain('svcpriority'), host('targetname')],
  HTTPS: [plain('svcpriority'), host('targetname')],
  TLSA: [
    plain('certificate_usage'),
    plain('selector'),
    plain('matching_type'),
    plain('certificate_association_data'),
  ],
  URI: [plain('priority'), plain('weight'), quoted('target')],
};
const TEXT_TYPES = ['A', 'AAAA', 'OPENPGPKEY'];
const HOST_TYPES = ['ALIAS', 'CNAME', 'DNAME', 'NS', 'PTR'];
export const IMPORTED_TYPES: readonly string[] = [
  ...Object.keys(FIELDS),
  ...TEXT_TYPES,
  ...HOST_TYPES,
  'TXT',
  'SPF',
];

export interface ValueText {
  readonly text: string;
  /** Keys that are not in the text. */
  readonly unknown: readonly string[];
}

/** Undefined: the value has not the form that its type has in octoDNS. */
export function rdataOfValue(type: string, value: unknown): ValueText | undefined {
  if (typeof value === 'string' || typeof value === 'number')
    return { text: textOf(type, String(value)), unknown: [] };
  const read = z.record(z.string(), z.unknown()).safeParse(value);
  const fields = FIELDS[type];
  if (!read.success || fields === undefined) return undefined;
  const taken = new Set<string>();
  const texts = legacyDs(type, read.data, taken) ?? fields.map((field) => fieldText(field, read.data, taken));
  if (texts.includes(undefined)) return undefined;
  const params = type === 'SVCB' || type === 'HTTPS' ? paramTexts(read.data['svcparams'], taken) : [];
  const unknown = Object.keys(read.data).filter((key) => !taken.has(key));
  return { text: [...texts, ...params].join(' '), unknown };
}

function textOf(type: string, value: string): string {
  if (HOST_TYPES.includes(type)) return toAsciiHost(value);
  return type === 'TXT' || type === 'SPF' ? recordTexts('TXT', [plainText(value)])[0]! : value;
}

/** octoDNS escapes semicolons, and quotes or strings at its author's choice. */
function plainText(value: string): string {
  const inner = /^"(.*)"$/s.exec(value)?.[1]?.replace(/" "/g, '') ?? value;
  return inner.replace(/\\([;"])/g, '$1');
}

function fieldText(
  { names, form, absent }: Field,
  value: Record<string, unknown>,
  taken: Set<string>,
): string | undefined {
  const name = names.find((each) => value[each] !== undefined && value[each] !== null);
  if (name === undefined) return absent;
  taken.add(name);
  const text = String(value[name]);
  if (form === 'quoted') return recordTexts('TXT', [text.replace(/\\;/g, ';')])[0]!;
  if (form === 'host') return toAsciiHost(text);
  return form === 'metres' ? `${text}m` : text;
}

/** Before 2023 octoDNS called the fields of a DS by the names of a DNSKEY's. */
function legacyDs(type: string, value: Record<string, unknown>, taken: Set<string>): string[] | undefined {
  if (type !== 'DS' || value['public_key'] === undefined) return undefined;
  const names = ['flags', 'protocol', 'algorithm', 'public_key'];
  for (const name of names) taken.add(name);
  return names.map((name) => String(value[name]));
}

function paramTexts(params: unknown, taken: Set<string>): string[] {
  taken.add('svcparams');
  return Object.entries((params ?? {}) as Record<string, string | number | readonly string[] | null>).map(
    ([key, value]) => {
      if (value === null || value === undefined) return key;
      return `${key}=${Array.isArray(value) ? value.join(',') : String(value)}`;
    },
  );
}
