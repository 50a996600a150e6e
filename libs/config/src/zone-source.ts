/**
 * The zone file of a zone of the configuration, named by `file` or written out in `text`: its records, and what is
 * wrong with it. Opens nothing itself: whoever calls brings what reads files, or says that there is none.
 */
import { isAbsolute, join } from 'node:path';

import { loadZone } from '@signpost/dns/zone-file/load-zone';
import type { ZoneMistake, ZoneRecord } from '@signpost/dns/zone-file/zone-record';

import { readName } from './name-problem.ts';

/** How the files that a configuration names are read. */
export interface NamedFiles {
  /** Of the configuration file; paths in it are relative to this. */
  readonly directory: string;
  /** A file's content; throws what says why it cannot be read. */
  readonly readText: (path: string) => string;
}

export interface ZoneSource {
  readonly key: 'file' | 'text';
  /** In the order of the file; to be used only when there are no mistakes. */
  readonly records: readonly ZoneRecord[];
  readonly mistakes: readonly ZoneMistake[];
  readonly warnings: readonly ZoneMistake[];
  /** Why there is nothing to read, with the remedy. */
  readonly unreadable?: string;
}

/** What the records and mistakes of a `text` are said to stand in. */
const TEXT_NAME = 'text';

/** Undefined for a zone without a zone file, and for one whose apex is no name: that is told already. */
export function readZoneSource(
  apex: string,
  { file, text }: { readonly file?: unknown; readonly text?: unknown },
  files?: NamedFiles,
): ZoneSource | undefined {
  if (readName(apex).problem !== undefined) return undefined;
  if (typeof file === 'string') return readFile(apex, file, files);
  if (typeof text !== 'string') return undefined;
  return {
    key: 'text',
    ...loadZone(apex, TEXT_NAME, (path) => (path === TEXT_NAME ? text : refuse()), false),
  };
}

function readFile(apex: string, file: string, files: NamedFiles | undefined): ZoneSource {
  const nothing = { key: 'file', records: [], mistakes: [], warnings: [] } as const;
  if (files === undefined) {
    const remedy = 'apply the file with "signpost apply", which sends what it holds';
    return { ...nothing, unreadable: `${JSON.stringify(file)} cannot be read from here; ${remedy}` };
  }
  const path = isAbsolute(file) ? file : join(files.directory, file);
  let text: string;
  try {
    text = files.readText(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...nothing, unreadable: `the zone file cannot be read: ${reason}; correct the path` };
  }
  return {
    key: 'file',
    ...loadZone(apex, path, (each) => (each === path ? text : files.readText(each)), false),
  };
}

function refuse(): never {
  throw new Error('a text includes no file');
}
