/**
 * $GENERATE RANGE OWNER [TTL] [CLASS] TYPE DATA: a record for each number of the range, as
 * BIND reads it. The number of records is bounded, whatever the range says.
 */
import {
  type GenerateRange,
  parseRange,
  parseTemplate,
  rangeSize,
  type Template,
} from './expand-generate.ts';
import { type Entry, readEntries, type ZoneField } from './read-entries.ts';
import { readOwner, readRecordOf } from './read-record.ts';
import { noteMistake, type OpenFile, type ZoneReading } from './zone-reading.ts';

/** Records that all $GENERATE of a zone may make together. */
export const MAX_GENERATED = 1_048_576;

export function readGenerate(reading: ZoneReading, file: OpenFile, fields: readonly ZoneField[]): void {
  const [directive, rangeField, ownerField, ...rest] = fields;
  if (rangeField === undefined || ownerField === undefined || rest.length === 0) {
    noteMistake(reading, file, directive!, 'write $GENERATE START-STOP OWNER TYPE DATA');
    return;
  }
  const range = parseRange(rangeField.text);
  if (range === undefined) {
    const message = 'this is no range; write START-STOP or START-STOP/STEP with START not above STOP';
    noteMistake(reading, file, rangeField, message);
    return;
  }
  reading.generated += rangeSize(range);
  if (reading.generated > MAX_GENERATED) {
    const message = `$GENERATE makes more than ${MAX_GENERATED} records; write a smaller range`;
    noteMistake(reading, file, rangeField, message);
    return;
  }
  const templates = [ownerField, ...rest].map(templateOf);
  const malformed = templates.findIndex(({ template }) => template === undefined);
  if (malformed >= 0) {
    noteMistake(reading, file, [ownerField, ...rest][malformed]!, MALFORMED);
    return;
  }
  generate(reading, file, range, templates as FieldTemplate[]);
}

const MALFORMED =
  'this template cannot be read; write $ or ${offset,width,base} with base d, o, x, X, n or N, and $$ for a dollar sign';

interface FieldTemplate {
  readonly field: ZoneField;
  readonly template: Template;
}

/** A backslash before a quote belongs to the quoting, not to the template. */
function templateOf(field: ZoneField): { field: ZoneField; template: Template | undefined } {
  const text = field.quoted
    ? field.text.replaceAll(/\\(["\\])/g, (pair) => (pair === '\\"' ? '"' : pair))
    : field.text;
  return { field, template: parseTemplate(text) };
}

/** Stops at the first number whose record has a mistake: the others would have the same one. */
function generate(
  reading: ZoneReading,
  file: OpenFile,
  { start, stop, step }: GenerateRange,
  [owner, ...rest]: readonly FieldTemplate[],
): void {
  const before = reading.mistakes.length;
  for (let value = start; value <= stop && reading.mistakes.length === before; value += step) {
    const expanded = [owner!, ...rest].map(({ field, template }) => ({
      ...field,
      text: template(value) ?? '',
    }));
    const failed = expanded.find(({ text }, i) => text === '' && [owner!, ...rest][i]!.field.text !== '');
    if (failed !== undefined) {
      noteMistake(reading, file, failed, `the number leaves its range at ${value}; choose another offset`);
      return;
    }
    const name = readOwner(reading, file, { ...expanded[0]!, quoted: false });
    readRecordOf(reading, file, name, dataFields(reading, file, expanded.slice(1)), owner!.field);
  }
}

/** The last field holds all the data when it is quoted: `MX "10 mail$"`; it is cut into fields once expanded. */
function dataFields(reading: ZoneReading, file: OpenFile, fields: readonly ZoneField[]): ZoneField[] {
  const last = fields.at(-1)!;
  const before = fields.slice(0, -1);
  if (!last.quoted || fields.length < 2 || before.some(({ quoted }) => quoted)) return [...fields];
  const [entry] = readEntries(last.text) as Iterable<Entry>;
  if (entry?.kind === 'mistake') {
    noteMistake(reading, file, last, entry.message);
    return before;
  }
  const { line, column } = last;
  return [...before, ...(entry?.fields ?? []).map((field) => ({ ...field, line, column }))];
}
