/**
 * LOC: where on the globe something is (RFC 1876), version 0.
 *
 *   | VERSION | SIZE | HORIZ PRE | VERT PRE | LATITUDE | LONGITUDE | ALTITUDE |   the last three 32 bits each
 *
 * Angles are thousandths of a second of arc around 2^31, the altitude is centimetres above -100 km,
 * size and precisions are a digit and a power of ten in centimetres.
 */
import { RdataError } from '../errors.ts';
import { readUint32 } from '../uint16.ts';
import { bigEndian } from './parts.ts';
import type { RdataFormat } from './rdata-format.ts';
import { shown } from './read-field.ts';
import type { Field } from './split-fields.ts';

const SHAPE =
  'degrees [minutes [seconds]] N|S degrees [minutes [seconds]] E|W altitude [size [horizontal [vertical]]]';
const MIDDLE = 2 ** 31;
const DEGREE = 3_600_000;
const BASE_CM = 10_000_000;
/** One metre, ten kilometres, ten metres (RFC 1876 3). */
const DEFAULT_SIZES_CM = [100, 1_000_000, 1_000];

export const loc: RdataFormat = {
  encode(fields) {
    const latitude = readAngle(fields, 0, 'NS', 90);
    const longitude = readAngle(fields, latitude.next, 'EW', 180);
    const lengths = fields.slice(longitude.next);
    if (lengths.length < 1 || lengths.length > 4) throw new RdataError('LOC', `expected "${SHAPE}"`);
    const altitude = readCentimetres(lengths[0]!, -BASE_CM, 2 ** 32 - 1 - BASE_CM);
    const sizes = DEFAULT_SIZES_CM.map((cm, i) => {
      const field = lengths[i + 1];
      return precision(field === undefined ? cm : readCentimetres(field, 0, 9_000_000_000));
    });
    const numbers = [latitude.value, longitude.value, altitude + BASE_CM];
    return Uint8Array.from([0, ...sizes, ...numbers.flatMap((value) => bigEndian(value, 4))]);
  },

  format(octets) {
    if (octets.length !== 16 || octets[0] !== 0) return undefined;
    const latitude = formatAngle(readUint32(octets, 4), 'NS', 90);
    const longitude = formatAngle(readUint32(octets, 8), 'EW', 180);
    const sizes = Array.from(octets.subarray(1, 4), centimetres);
    if (latitude === undefined || longitude === undefined || sizes.includes(undefined)) return undefined;
    const lengths = [readUint32(octets, 12) - BASE_CM, ...sizes].map((cm) => `${(cm! / 100).toFixed(2)}m`);
    return [latitude, longitude, ...lengths].join(' ');
  },
};

function readAngle(
  fields: readonly Field[],
  from: number,
  letters: string,
  maxDegrees: number,
): { value: number; next: number } {
  const end = fields.findIndex((field, i) => i >= from && letters.includes(field.text.toUpperCase()));
  const parts = fields.slice(from, Math.max(end, from));
  if (parts.length < 1 || parts.length > 3) {
    throw new RdataError('LOC', `expected "${SHAPE}"`, { field: fields[from] ?? { text: '' } });
  }
  const limits = [/^\d{1,3}$/, /^[0-5]?\d$/, /^[0-5]?\d(\.\d{1,3})?$/];
  const wrong = parts.find((field, i) => !limits[i]!.test(field.text));
  const thousandths = parts.reduce(
    (sum, { text }, i) => sum + Math.round(Number(text) * 1000) * [3600, 60, 1][i]!,
    0,
  );
  if (wrong !== undefined || thousandths > maxDegrees * DEGREE) {
    const field = wrong ?? parts[0]!;
    throw new RdataError(
      'LOC',
      `${shown(field)} is out of range; write up to ${maxDegrees} degrees, minutes and seconds below 60`,
      { field },
    );
  }
  const sign = fields[end]!.text.toUpperCase() === letters[0] ? 1 : -1;
  return { value: MIDDLE + sign * thousandths, next: end + 1 };
}

function readCentimetres(field: Field, least: number, most: number): number {
  const match = /^(-?)(\d{1,8})(?:\.(\d{1,2}))?m?$/i.exec(field.text);
  const [, sign = '', metres = '', decimals = ''] = match ?? [];
  const cm = Number(metres) * 100 + Number(decimals.padEnd(2, '0'));
  const value = sign === '-' ? -cm : cm;
  if (match !== null && value >= least && value <= most) return value;
  throw new RdataError(
    'LOC',
    `${shown(field)} is no length; write metres from ${least / 100} to ${most / 100}, such as 10m`,
    { field },
  );
}

/** A digit and a power of ten; more digits than one are cut, as the format has no room for them. */
function precision(cm: number): number {
  const digits = String(cm);
  return cm === 0 ? 0 : (Number(digits[0]) << 4) | (digits.length - 1);
}

function centimetres(octet: number): number | undefined {
  const digit = octet >> 4;
  const power = octet & 0xf;
  if (digit > 9 || power > 9 || (digit === 0 && power > 0)) return undefined;
  return digit * 10 ** power;
}

function formatAngle(value: number, letters: string, maxDegrees: number): string | undefined {
  const thousandths = Math.abs(value - MIDDLE);
  if (thousandths > maxDegrees * DEGREE) return undefined;
  const degrees = Math.floor(thousandths / DEGREE);
  const minutes = Math.floor((thousandths % DEGREE) / 60_000);
  const seconds = ((thousandths % 60_000) / 1000).toFixed(3);
  return `${degrees} ${minutes} ${seconds} ${value >= MIDDLE ? letters[0] : letters[1]}`;
}
