/**
 * For tests only: well-formed and nearly well-formed queries for names in and around `example.net`, with EDNS, options
 * and records of all kinds, together with where their parts stand, so that a mutation can aim.
 */
import type { Picker } from './picker.ts';

export interface Draft {
  readonly octets: number[];
  /** Where names begin. */
  readonly names: number[];
  /** Where 16-bit lengths stand: RDLENGTHs and those of options. */
  readonly lengths: number[];
  /** Where options begin. */
  readonly options: number[];
}

const NAMES = [
  'www.example.net',
  'www.example.net',
  'WwW.eXample.NET',
  'example.net',
  'x.wild.example.net',
  'a.b.wild.example.net',
  'alias.example.net',
  'below.sub.example.net',
  'nothing.example.net',
  'many.example.net',
  'example.com',
  '.',
];
const TYPES = [1, 1, 1, 1, 28, 28, 28, 15, 16, 6, 2, 5, 255, 65, 257, 43, 0, 41, 128, 250, 252, 65_535];
const FLAGS = [0, 0, 0x0100, 0x0100, 0x0120, 0x0010, 0x0130, 0x07f0];
const UDP_SIZES = [1232, 1232, 4096, 512, 0, 511, 513, 700, 65_535];

export function draftQuery(draw: Picker, id: number): Draft {
  const draft: Draft = { octets: [], names: [], lengths: [], options: [] };
  const additional = additionalRecords(draw);
  put16(draft, id, draw.pick(FLAGS), 1, 0, 0, additional.length);
  putName(draft, draw.pick(NAMES));
  put16(draft, draw.pick(TYPES), draw.isRare(0.05) ? draw.pick([0, 3, 254, 255]) : 1);
  for (const kind of additional) putRecord(draft, kind, draw);
  return draft;
}

type RecordKind = 'opt' | 'a' | 'tsig';

function additionalRecords(draw: Picker): RecordKind[] {
  const records: RecordKind[] = draw.isRare(0.85) ? ['opt'] : [];
  if (draw.isRare(0.05)) records.unshift('a');
  if (draw.isRare(0.03)) records.push('a');
  if (draw.isRare(0.02)) records.push('opt');
  if (draw.isRare(0.05)) records.push('tsig');
  return records;
}

function putRecord(draft: Draft, kind: RecordKind, draw: Picker): void {
  draft.names.push(draft.octets.length);
  if (kind === 'opt') return putOpt(draft, draw);
  draft.octets.push(0xc0, 12);
  put16(draft, kind === 'a' ? 1 : 250, kind === 'a' ? 1 : 255, 0, 300);
  putSized(draft, () => put16(draft, ...Array.from({ length: draw.below(12) }, () => draw.below(0x10000))));
}

function putOpt(draft: Draft, draw: Picker): void {
  draft.octets.push(0);
  put16(
    draft,
    41,
    draw.pick(UDP_SIZES),
    draw.isRare(0.03) ? 1 + draw.below(255) : 0,
    draw.pick([0, 0x8000, 0x4001]),
  );
  putSized(draft, () => {
    for (let left = draw.pick([0, 1, 1, 2, 3, 5]); left > 0; left -= 1) {
      draft.options.push(draft.octets.length);
      const [code, data] = anyOption(draw);
      put16(draft, code);
      putSized(draft, () => draft.octets.push(...data));
    }
  });
}

function anyOption(draw: Picker): [code: number, data: number[]] {
  const some = (length: number) => Array.from({ length }, () => draw.below(256));
  switch (draw.below(8)) {
    case 0:
    case 1:
    case 2:
      return [8, subnet(draw)];
    case 3:
    case 4:
      return [10, some(draw.isRare(0.9) ? draw.pick([8, 8, 16, 24, 40]) : draw.below(50))];
    case 5:
      return [3, some(draw.isRare(0.1) ? draw.below(9) : 0)];
    case 6:
      return draw.isRare(0.5) ? [11, some(draw.pick([0, 0, 2, 3]))] : [12, some(draw.below(40))];
    default:
      return [draw.pick([0, 1, 9, 13, 15, 18, 19, 65_001, 65_535]), some(draw.below(12))];
  }
}

/** Each field is wrong now and then (RFC 7871 7.1.2). */
function subnet(draw: Picker): number[] {
  const family = draw.isRare(0.04) ? draw.pick([0, 3, 255]) : 1 + draw.below(2);
  const longest = family === 2 ? 128 : 32;
  const source = draw.isRare(0.03)
    ? longest + 1
    : draw.pick([0, 8, 17, 24, 25, 32, longest, draw.below(longest + 1)]);
  const address = Array.from({ length: (source + 7) >> 3 }, () => draw.below(256));
  const spare = source & 7;
  if (spare !== 0 && !draw.isRare(0.03)) address[address.length - 1]! &= 0xff << (8 - spare);
  if (draw.isRare(0.02)) address.push(0);
  if (draw.isRare(0.02)) address.pop();
  return [0, family, source, draw.isRare(0.03) ? 24 : 0, ...address];
}

/** A 16-bit length, and what it is the length of. */
function putSized(draft: Draft, put: () => void): void {
  const at = draft.octets.length;
  draft.lengths.push(at);
  put16(draft, 0);
  put();
  const length = draft.octets.length - at - 2;
  draft.octets[at] = length >> 8;
  draft.octets[at + 1] = length & 0xff;
}

function putName(draft: Draft, name: string): void {
  draft.names.push(draft.octets.length);
  for (const label of name.split('.').filter(Boolean)) {
    draft.octets.push(label.length, ...Array.from(label, (letter) => letter.charCodeAt(0)));
  }
  draft.octets.push(0);
}

function put16(draft: Draft, ...values: readonly number[]): void {
  for (const value of values) draft.octets.push((value >> 8) & 0xff, value & 0xff);
}
