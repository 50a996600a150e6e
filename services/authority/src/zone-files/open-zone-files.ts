/**
 * Zone files as the source of an authority's records: read at the start, and again at each SIGHUP. What is refused
 * is told as `FILE:line:col what`, one log line each; everything else is served all the same.
 */
import { readFileSync } from 'node:fs';

import { ConfigError } from '@signpost/config/config-error';
import { onHangup } from '@signpost/lifecycle/hangup';
import type { Logger } from '@signpost/telemetry/logger';

import { parseZoneList, type ZoneFile } from './zone-list.ts';
import { ZoneFileReader } from './zone-file-reader.ts';

/** What to serve: zones named one by one, and those of a list that is read again with them. */
export interface ZoneFileSettings {
  readonly zones: readonly ZoneFile[];
  /** Path of a file of lines `ORIGIN<TAB>FILE`. */
  readonly list: string | undefined;
}

/** Throws `ConfigError` when the list cannot be read at the start. */
export function openZoneFiles(settings: ZoneFileSettings, logger: Logger): ZoneFileReader {
  const hangup = onHangup(() => {
    try {
      reload(reader, settings, logger);
    } catch (error) {
      logger.error({ err: error }, `${settings.list} cannot be read: all zones stay as they were`);
    }
  });
  const reader = new ZoneFileReader({ readText, now: Date.now, hangup });
  try {
    reload(reader, settings, logger);
  } catch (error) {
    throw new ConfigError([`SIGNPOST_ZONES="${settings.list}": ${(error as Error).message}`]);
  }
  return reader;
}

function reload(reader: ZoneFileReader, { zones, list }: ZoneFileSettings, logger: Logger): void {
  const listed = list === undefined ? { zones: [], problems: [] } : parseZoneList(readText(list), list);
  for (const problem of listed.problems) logger.error(`zone list: ${problem}`);
  const origins = new Set(zones.map(({ origin }) => origin));
  const { served, refused } = reader.reload([
    ...zones,
    ...listed.zones.filter(({ origin }) => !origins.has(origin)),
  ]);
  for (const { origin, lines, kept } of refused) {
    const consequence = kept ? 'stays as it was' : 'is not served';
    for (const line of lines) logger.error({ zone: origin }, `${line} (zone ${origin} ${consequence})`);
  }
  logger.info({ zones: served, refused: refused.length }, 'zone files read');
}

function readText(path: string): string {
  return readFileSync(path, 'utf8');
}
