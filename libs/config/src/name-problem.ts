/**
 * Names inside a configuration: whether a text is an absolute name, and which owner a key of `records` means.
 * Must not decide what a name is; libs/dns does.
 */
import { NameError } from '@signpost/dns/errors';
import { formatName, parseName } from '@signpost/dns/name-text';
import { isSubdomain, type WireName } from '@signpost/dns/wire-name';

/** Why `text` is no absolute name with its final dot, or undefined if it is one. */
export function nameProblem(text: string): string | undefined {
  const name = readName(text);
  if (name.problem !== undefined) return name.problem;
  return isAbsolute(text) ? undefined : `"${text}" has no final dot; write "${text}."`;
}

export type NameOrProblem =
  | { readonly name: WireName; readonly problem?: undefined }
  | { readonly name?: undefined; readonly problem: string };

/** A name with or without its final dot. */
export function readName(text: string): NameOrProblem {
  try {
    return { name: parseName(text) };
  } catch (error) {
    if (error instanceof NameError) return { problem: error.message };
    throw error;
  }
}

/** The owner that a key of `records` means: `@`, a name below the apex, or an absolute name within it. */
export function readOwner(text: string, apex: WireName): NameOrProblem {
  if (text === '@') return { name: apex };
  const zone = formatName(apex);
  if (isAbsolute(text)) {
    const absolute = readName(text);
    if (absolute.problem !== undefined || isSubdomain(absolute.name, apex)) return absolute;
    return { problem: `"${text}" lies outside the zone ${zone}; move it to its own zone` };
  }
  const relative = readName(text);
  if (relative.problem !== undefined) return relative;
  return readName(zone === '.' ? text : `${text}.${zone}`);
}

/** Ends in a dot that is not escaped. */
export function isAbsolute(text: string): boolean {
  return /(?:^|[^\\])(?:\\\\)*\.$/.test(text);
}
