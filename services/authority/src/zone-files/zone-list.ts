/**
 * Which zone files to serve, as the operator names them: `ORIGIN=FILE`, several separated by commas, or a list of
 * lines `ORIGIN<TAB>FILE`. Pure; reads no file.
 */
import { dirname, resolve } from 'node:path';

import { NameError } from '@signpost/dns/errors';
import { formatName, parseName } from '@signpost/dns/name-text';

export interface ZoneFile {
  /** The apex in canonical text: lower case, no final dot. */
  readonly origin: string;
  readonly file: string;
}

/** What was understood, and a line for each thing that was not. */
export interface ZoneList {
  readonly zones: readonly ZoneFile[];
  readonly problems: readonly string[];
}

export function parseZoneOption(text: string): ZoneList {
  const parts = text.split(',').filter((part) => part.trim() !== '');
  return collect(
    parts.map((part) => {
      const equals = part.indexOf('=');
      const where = `SIGNPOST_ZONE="${part}"`;
      if (equals < 1 || equals === part.length - 1) return `${where}: write ORIGIN=FILE`;
      return entry(part.slice(0, equals).trim(), part.slice(equals + 1).trim(), where);
    }),
  );
}

/** `listFile` names the list in problems; paths in it are relative to it. Empty lines and those from `#` on are passed over. */
export function parseZoneList(text: string, listFile: string): ZoneList {
  const lines = text.split(/\r?\n/).map((line, index) => [line.trim(), `${listFile}:${index + 1}`] as const);
  return collect(
    lines
      .filter(([line]) => line !== '' && !line.startsWith('#'))
      .map(([line, where]) => {
        const [, origin, file] = /^(\S+)[\t ]+(.+)$/.exec(line) ?? [];
        if (origin === undefined || file === undefined) return `${where}: write ORIGIN, a tab and FILE`;
        return entry(origin, resolve(dirname(listFile), file), where);
      }),
  );
}

interface Entry extends ZoneFile {
  readonly where: string;
}

function entry(origin: string, file: string, where: string): Entry | string {
  try {
    return { origin: formatName(parseName(origin)), file, where };
  } catch (error) {
    if (error instanceof NameError) return `${where}: ${error.message}`;
    throw error;
  }
}

function collect(entries: readonly (Entry | string)[]): ZoneList {
  const zones = new Map<string, ZoneFile>();
  const problems: string[] = [];
  for (const one of entries) {
    if (typeof one === 'string') problems.push(one);
    else if (zones.has(one.origin)) problems.push(`${one.where}: ${one.origin} is named twice; keep one`);
    else zones.set(one.origin, { origin: one.origin, file: one.file });
  }
  return { zones: [...zones.values()], problems };
}
