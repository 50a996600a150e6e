/** For tests only: one change to a drafted query, aimed at what parsers get wrong: counts, lengths, names, pointers, options. */
import type { Draft } from './draft-query.ts';
import type { Picker } from './picker.ts';

/** Values that lie on a border of something. */
const BORDERS = [0, 1, 11, 12, 41, 63, 64, 127, 128, 191, 192, 193, 254, 255];
const COUNTS = [0, 1, 1, 2, 3, 255, 65_535];
const LABEL_SIZES = [0, 1, 2, 4, 62, 63, 64, 65, 128, 191, 192, 255];

type Mutation = (draft: Draft, draw: Picker) => void;

const MUTATIONS: readonly Mutation[] = [
  replaceOctet,
  replaceOctet,
  lieInCount,
  lieInLength,
  lieInLength,
  putPointer,
  changeLabel,
  changeFlags,
  changeOptionCode,
  repeatOption,
  lengthenName,
  insertOctets,
  removeOctets,
  cut,
  append,
];

export function mutateQuery(draft: Draft, draw: Picker): void {
  draw.pick(MUTATIONS)(draft, draw);
}

/** Anywhere but in the id, which tells responses apart. */
function replaceOctet({ octets }: Draft, draw: Picker): void {
  const at = placeIn(octets, draw);
  if (at < octets.length) octets[at] = draw.isRare(0.7) ? draw.pick(BORDERS) : draw.below(256);
}

function lieInCount({ octets }: Draft, draw: Picker): void {
  set16(octets, draw.pick([4, 6, 8, 10]), draw.pick(COUNTS));
}

function lieInLength({ octets, lengths }: Draft, draw: Picker): void {
  if (lengths.length === 0) return;
  const at = draw.pick(lengths);
  const now = ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
  set16(octets, at, draw.pick([now - 1, now + 1, now + 4, 0, 3, 255, 65_535]) & 0xffff);
}

/** To itself, further on, back, into the header, to a name, beyond the end. */
function putPointer({ octets, names }: Draft, draw: Picker): void {
  const at = draw.isRare(0.7) ? draw.pick(names) : placeIn(octets, draw);
  const target = draw.pick([at, at + 2, at - 1, 0, 4, 11, 12, 13, draw.pick(names), octets.length, 0x3fff]);
  set16(octets, at, 0xc000 | (target & 0x3fff));
}

function changeLabel({ octets, names }: Draft, draw: Picker): void {
  const at = draw.pick(names);
  if (at < octets.length) octets[at] = draw.pick(LABEL_SIZES);
}

function changeFlags({ octets }: Draft, draw: Picker): void {
  set16(octets, 2, draw.isRare(0.5) ? draw.below(16) << 11 : draw.below(0x10000));
}

function changeOptionCode({ octets, options }: Draft, draw: Picker): void {
  if (options.length > 0) set16(octets, draw.pick(options), draw.pick([3, 8, 10, 11, 12, 65_001]));
}

/** What follows moves, and no length is told of it, so that the rest is read as something else. */
function repeatOption({ octets, options }: Draft, draw: Picker): void {
  if (options.length === 0) return;
  const at = draw.pick(options);
  octets.splice(at, 0, ...octets.slice(at, at + 4 + (octets[at + 3] ?? 0)));
}

/** Up to and past 255 octets. */
function lengthenName({ octets, names }: Draft, draw: Picker): void {
  const size = draw.pick([1, 8, 60, 63]);
  const label = [size, ...Array.from({ length: size }, () => 0x61)];
  const count = draw.pick([1, 2, 3, 4, Math.ceil(240 / (size + 1))]);
  octets.splice(draw.pick(names), 0, ...Array.from({ length: count }, () => label).flat());
}

function insertOctets({ octets }: Draft, draw: Picker): void {
  const count = 1 + draw.below(4);
  octets.splice(placeIn(octets, draw), 0, ...Array.from({ length: count }, () => draw.pick(BORDERS)));
}

function removeOctets({ octets }: Draft, draw: Picker): void {
  octets.splice(placeIn(octets, draw), 1 + draw.below(4));
}

function cut({ octets }: Draft, draw: Picker): void {
  octets.length = draw.below(octets.length + 1);
}

function append({ octets }: Draft, draw: Picker): void {
  octets.push(...Array.from({ length: draw.below(40) }, () => draw.pick(BORDERS)));
}

function placeIn(octets: readonly number[], draw: Picker): number {
  return 2 + draw.below(Math.max(1, octets.length - 2));
}

/** Only where there are octets, so that nothing grows or has gaps. */
function set16(octets: number[], at: number, value: number): void {
  if (at + 1 >= octets.length) return;
  octets[at] = value >> 8;
  octets[at + 1] = value & 0xff;
}
