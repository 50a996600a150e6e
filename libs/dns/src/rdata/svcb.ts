/**
 * SVCB and HTTPS: how to reach a service (RFC 9460 2).
 *
 *   | PRIORITY: 16 bits, 0 is AliasMode | TARGET | KEY | LENGTH | VALUE | KEY ...   keys ascending, 16 bits each
 *
 * What the value of a key looks like stands in `svc-param.ts`.
 */
import { RdataError } from '../errors.ts';
import { readUint16 } from '../uint16.ts';
import { name, bigEndian, number } from './parts.ts';
import type { RdataFormat } from './rdata-format.ts';
import { type RdataPart, rdataOfParts } from './rdata-of-parts.ts';
import { shown } from './read-field.ts';
import type { Field } from './split-fields.ts';
import { encodeParamValue, formatParamValue, paramKey, paramName, SvcParamKey } from './svc-param.ts';

const params: RdataPart = {
  what: 'params',
  takes: 'any number',
  encode(type, fields) {
    const byKey = new Map<number, Uint8Array>();
    for (const { keyText, value, field } of keyed(fields)) {
      const key = paramKey(keyText);
      if (key === undefined) {
        throw new RdataError(
          type,
          `${shown({ ...field, text: keyText })} is no key known here; write key and its number`,
          {
            field,
          },
        );
      }
      if (byKey.has(key)) {
        throw new RdataError(type, `the key ${paramName(key)} stands here twice; keep one`, { field });
      }
      byKey.set(key, encodeParamValue(type, key, value, field));
    }
    const sorted = [...byKey].toSorted(([a], [b]) => a - b);
    return sorted.flatMap(([key, value]) => [...bigEndian(key, 2), ...bigEndian(value.length, 2), ...value]);
  },
  format(octets, at) {
    const all = paramsOf(octets, at);
    const texts = all?.map(([key, value]) => formatParamValue(key, value));
    if (texts === undefined || texts.includes(undefined)) return undefined;
    return { text: texts.join(' '), end: octets.length };
  },
};

const PARTS = [number('priority', 2), name('target'), params];

export const svcb: RdataFormat = rdataOfParts('SVCB', PARTS, checkParams);
export const https: RdataFormat = rdataOfParts('HTTPS', PARTS, checkParams);

interface KeyedField {
  readonly keyText: string;
  /** Undefined when there is no `=`. */
  readonly value: Field | undefined;
  readonly field: Field;
}

/** Puts `alpn=` and the quoted string right behind it together. */
function keyed(fields: readonly Field[]): KeyedField[] {
  const all: KeyedField[] = [];
  for (let i = 0; i < fields.length; i += 1) {
    const field = fields[i]!;
    const equals = field.quoted ? -1 : field.text.indexOf('=');
    if (equals < 0) {
      all.push({ keyText: field.text, value: undefined, field });
      continue;
    }
    const keyText = field.text.slice(0, equals);
    const next = fields[i + 1];
    if (equals === field.text.length - 1 && next?.adjoins === true && next.quoted) {
      all.push({ keyText, value: next, field });
      i += 1;
    } else {
      all.push({ keyText, value: { text: field.text.slice(equals + 1), quoted: false }, field });
    }
  }
  return all;
}

function paramsOf(octets: Uint8Array, start: number): Array<[number, Uint8Array]> | undefined {
  const all: Array<[number, Uint8Array]> = [];
  for (let at = start; at < octets.length;) {
    if (at + 4 > octets.length) return undefined;
    const key = readUint16(octets, at);
    const end = at + 4 + readUint16(octets, at + 2);
    if (end > octets.length || key <= (all.at(-1)?.[0] ?? -1)) return undefined;
    all.push([key, octets.subarray(at + 4, end)]);
    at = end;
  }
  return all;
}

/** What keys ask of each other (RFC 9460 7.1.1 and 8). */
function checkParams(octets: Uint8Array): string | undefined {
  const target = name('target').format(octets, 2);
  const all = new Map(target && paramsOf(octets, target.end));
  if (all.has(SvcParamKey.NO_DEFAULT_ALPN) && !all.has(SvcParamKey.ALPN)) {
    return 'no-default-alpn stands without alpn; add alpn or leave both out';
  }
  const mandatory = all.get(SvcParamKey.MANDATORY) ?? new Uint8Array();
  for (let at = 0; at + 2 <= mandatory.length; at += 2) {
    const key = readUint16(mandatory, at);
    if (!all.has(key)) return `mandatory names ${paramName(key)}, which is not there; add it or leave it out`;
  }
  return undefined;
}
