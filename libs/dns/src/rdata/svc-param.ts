/**
 * The keys of SVCB and HTTPS parameters and the text form of each one's value
 * (RFC 9460 7, RFC 9461 5, RFC 9540 4). A key without a form here is `key123` and its
 * value a character string (RFC 9460 2.1).
 */
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from '../address.ts';
import { RdataError } from '../errors.ts';
import { readUint16 } from '../uint16.ts';
import { bigEndian, fromBase64 } from './parts.ts';
import { readOctets } from './read-field.ts';
import type { Field } from './split-fields.ts';
import { stringField } from './write-field.ts';

export const SvcParamKey = {
  MANDATORY: 0,
  ALPN: 1,
  NO_DEFAULT_ALPN: 2,
  PORT: 3,
  IPV4HINT: 4,
  ECH: 5,
  IPV6HINT: 6,
  DOHPATH: 7,
  OHTTP: 8,
} as const;

interface ParamForm {
  readonly name: string;
  /** Undefined when the text is no such value. */
  readonly encode: (text: string, octets: Uint8Array) => ArrayLike<number> | undefined;
  readonly format: (octets: Uint8Array) => string | undefined;
  readonly remedy: string;
}

const FORMS: ReadonlyMap<number, ParamForm> = new Map<number, ParamForm>([
  [
    SvcParamKey.MANDATORY,
    {
      name: 'mandatory',
      encode: encodeMandatory,
      format: formatMandatory,
      remedy: 'write keys such as alpn,port, each once and not mandatory itself',
    },
  ],
  [
    SvcParamKey.ALPN,
    {
      name: 'alpn',
      encode: (_, octets) => encodeProtocols(octets),
      format: formatProtocols,
      remedy: 'write protocols such as h2,h3, each of 1 to 255 octets',
    },
  ],
  [SvcParamKey.NO_DEFAULT_ALPN, withoutValue('no-default-alpn')],
  [
    SvcParamKey.PORT,
    {
      name: 'port',
      encode: (text) =>
        /^\d{1,5}$/.test(text) && Number(text) <= 0xffff ? bigEndian(Number(text), 2) : undefined,
      format: (octets) => (octets.length === 2 ? String(readUint16(octets, 0)) : undefined),
      remedy: 'write a whole number from 0 to 65535',
    },
  ],
  [SvcParamKey.IPV4HINT, addresses('ipv4hint', 4)],
  [
    SvcParamKey.ECH,
    {
      name: 'ech',
      encode: (text) => (text === '' ? undefined : fromBase64(text)),
      format: (octets) => (octets.length > 0 ? Buffer.from(octets).toString('base64') : undefined),
      remedy: 'write the ECHConfigList in Base64',
    },
  ],
  [SvcParamKey.IPV6HINT, addresses('ipv6hint', 16)],
  [
    SvcParamKey.DOHPATH,
    {
      name: 'dohpath',
      encode: (_, octets) => (isDohPath(octets) ? octets : undefined),
      format: (octets) => (isDohPath(octets) ? stringField(octets) : undefined),
      remedy: 'write a path template with the variable dns, such as /dns-query{?dns}',
    },
  ],
  [SvcParamKey.OHTTP, withoutValue('ohttp')],
]);

const KEYS: ReadonlyMap<string, number> = new Map([...FORMS].map(([key, { name }]) => [name, key]));

/** The number of `alpn` or `key1`; 65535 is reserved. Undefined for anything else. */
export function paramKey(text: string): number | undefined {
  const digits = /^key(0|[1-9]\d{0,4})$/.exec(text)?.[1];
  const key = digits === undefined ? KEYS.get(text.toLowerCase()) : Number(digits);
  return key !== undefined && key < 0xffff ? key : undefined;
}

export function paramName(key: number): string {
  return FORMS.get(key)?.name ?? `key${key}`;
}

/** `value` is undefined when no `=` follows the key. `field` is for the error alone. */
export function encodeParamValue(
  type: string,
  key: number,
  value: Field | undefined,
  field: Field,
): Uint8Array {
  const octets = readOctets(type, paramName(key), value ?? { text: '', quoted: true });
  const form = FORMS.get(key);
  const encoded = form === undefined ? octets : form.encode(latin1(octets), octets);
  const complaint = form?.remedy ?? 'shorten it to 65535 octets';
  if (encoded !== undefined && encoded.length <= 0xffff) return Uint8Array.from(encoded);
  throw new RdataError(type, `the value of ${paramName(key)} cannot be read; ${complaint}`, { field });
}

/** `alpn="h2"`; undefined when the octets are no such value. */
export function formatParamValue(key: number, octets: Uint8Array): string | undefined {
  const form = FORMS.get(key);
  if (key === 0xffff) return undefined;
  const value = form === undefined ? stringField(octets) : form.format(octets);
  if (value === undefined) return undefined;
  return octets.length === 0 ? paramName(key) : `${paramName(key)}=${value}`;
}

function withoutValue(name: string): ParamForm {
  return {
    name,
    encode: (text) => (text === '' ? [] : undefined),
    format: (octets) => (octets.length === 0 ? '' : undefined),
    remedy: 'write the key alone, it takes none',
  };
}

function addresses(name: string, size: 4 | 16): ParamForm {
  const parse = size === 4 ? parseIpv4 : parseIpv6;
  const format = size === 4 ? formatIpv4 : formatIpv6;
  return {
    name,
    encode(text) {
      const all = text.split(',').map(parse);
      return all.every((each) => each !== undefined) ? all.flatMap((each) => [...each]) : undefined;
    },
    format(octets) {
      if (octets.length === 0 || octets.length % size !== 0) return undefined;
      const starts = Array.from({ length: octets.length / size }, (_, i) => i * size);
      return starts.map((at) => format(octets.subarray(at, at + size))).join(',');
    },
    remedy: `write IPv${size === 4 ? 4 : 6} addresses with commas between them`,
  };
}

function encodeMandatory(text: string): number[] | undefined {
  const keys = text.split(',').map(paramKey);
  if (!keys.every((key) => key !== undefined) || keys.includes(SvcParamKey.MANDATORY)) return undefined;
  if (new Set(keys).size !== keys.length) return undefined;
  return keys.toSorted((a, b) => a - b).flatMap((key) => bigEndian(key, 2));
}

function formatMandatory(octets: Uint8Array): string | undefined {
  if (octets.length === 0 || octets.length % 2 !== 0) return undefined;
  const keys = Array.from({ length: octets.length / 2 }, (_, i) => readUint16(octets, 2 * i));
  const ascending = keys.every((key, i) => key > (keys[i - 1] ?? SvcParamKey.MANDATORY) && key < 0xffff);
  return ascending ? keys.map(paramName).join(',') : undefined;
}

/** A list with commas in which `\,` and `\\` stand for the characters themselves (RFC 9460 A.1). */
function encodeProtocols(octets: Uint8Array): number[] | undefined {
  const protocols: number[][] = [[]];
  for (let at = 0; at < octets.length; at += 1) {
    const octet = octets[at]!;
    if (octet === COMMA) {
      protocols.push([]);
    } else if (octet === BACKSLASH) {
      at += 1;
      if (octets[at] !== COMMA && octets[at] !== BACKSLASH) return undefined;
      protocols.at(-1)!.push(octets[at]!);
    } else {
      protocols.at(-1)!.push(octet);
    }
  }
  if (protocols.some(({ length }) => length === 0 || length > 255)) return undefined;
  return protocols.flatMap((protocol) => [protocol.length, ...protocol]);
}

function formatProtocols(octets: Uint8Array): string | undefined {
  const list: number[] = [];
  for (let at = 0; at < octets.length;) {
    const end = at + 1 + octets[at]!;
    if (end === at + 1 || end > octets.length) return undefined;
    if (at > 0) list.push(COMMA);
    for (const octet of octets.subarray(at + 1, end)) {
      if (octet === COMMA || octet === BACKSLASH) list.push(BACKSLASH);
      list.push(octet);
    }
    at = end;
  }
  return list.length === 0 ? undefined : stringField(Uint8Array.from(list));
}

function isDohPath(octets: Uint8Array): boolean {
  return /^\/.*\{[^}]*\bdns\b[^}]*\}/.test(latin1(octets));
}

function latin1(octets: Uint8Array): string {
  return Buffer.from(octets).toString('latin1');
}

const COMMA = 0x2c;
const BACKSLASH = 0x5c;
