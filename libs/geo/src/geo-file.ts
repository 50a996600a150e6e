/**
 * Follows the file of a database, of places or of autonomous systems: opens it, watches for a new one, swaps when the new one is good.
 *
 * Own polling of stat, never maxmind's `watchForUpdates`: with that a corrupt replacement ends the
 * process. Here a bad replacement is reported once and the old database stays in use. Only the start
 * throws. Look-ups take `current()` once per query and see one database or the other, never a mixture.
 */
import * as fs from 'node:fs/promises';

import type { ClientSystem, Place } from '@signpost/contracts/place';

import { GeoDatabaseError } from './errors.ts';
import { type NetworkDatabase, openDatabase } from './mmdb-file.ts';
import { placeRecords } from './read-place.ts';
import { systemRecords } from './read-system.ts';
import type { Found, RecordKind } from './record-kind.ts';

export interface DatabaseFollower<Value extends Found> extends AsyncDisposable {
  current(): NetworkDatabase<Value>;
  /** Looks at the file now instead of at the next poll. Never rejects on account of the file. */
  reloadNow(): Promise<ReloadOutcome>;
}

export type GeoSource = DatabaseFollower<Place>;
export type SystemSource = DatabaseFollower<ClientSystem>;

/** `failed`: the old database stays; `onError` was called, once for each version of the file. */
export type ReloadOutcome = 'reloaded' | 'unchanged' | 'failed';

export interface DatabaseFileOptions<Value extends Found> {
  readonly path: string;
  /** @default 30_000 */
  readonly pollMs?: number;
  /** A replacement cannot be used. Must not throw. */
  readonly onError: (error: GeoDatabaseError) => void;
  /** A new database is in use. Must not throw. */
  readonly onReload?: (database: NetworkDatabase<Value>) => void;
  /** @default node:fs/promises */
  readonly files?: GeoFiles;
}

/** What is needed of a file system. */
export interface GeoFiles {
  stat(path: string): Promise<{ readonly ino: number; readonly size: number; readonly mtimeMs: number }>;
  readFile(path: string): Promise<Uint8Array>;
}

/** Throws GeoDatabaseError if the file cannot be used at the start. */
export function followGeoFile(options: DatabaseFileOptions<Place>): Promise<GeoSource> {
  return followDatabaseFile(options, placeRecords);
}

/** As `followGeoFile`. */
export function followSystemFile(options: DatabaseFileOptions<ClientSystem>): Promise<SystemSource> {
  return followDatabaseFile(options, systemRecords);
}

export async function followDatabaseFile<Value extends Found>(
  options: DatabaseFileOptions<Value>,
  kind: RecordKind<Value>,
): Promise<DatabaseFollower<Value>> {
  const files = options.files ?? fs;
  const stamp = await stampOf(files, options.path);
  const read = () => tryRead(files, options.path, kind);
  const first = await read();
  if (first instanceof GeoDatabaseError) throw first;
  const followed = new FollowedFile(options, files, read, stamp, first);
  followed.pollLater();
  return followed;
}

class FollowedFile<Value extends Found> implements DatabaseFollower<Value> {
  readonly #options: DatabaseFileOptions<Value>;
  readonly #files: GeoFiles;
  readonly #read: () => Promise<NetworkDatabase<Value> | GeoDatabaseError>;
  #database: NetworkDatabase<Value>;
  /** The version of the file last dealt with, well or badly. */
  #stamp: string;
  #running: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    options: DatabaseFileOptions<Value>,
    files: GeoFiles,
    read: () => Promise<NetworkDatabase<Value> | GeoDatabaseError>,
    stamp: string,
    database: NetworkDatabase<Value>,
  ) {
    this.#options = options;
    this.#files = files;
    this.#read = read;
    this.#stamp = stamp;
    this.#database = database;
  }

  current(): NetworkDatabase<Value> {
    return this.#database;
  }

  /** One after the other, so that an older read cannot overtake a newer one. */
  reloadNow(): Promise<ReloadOutcome> {
    const outcome = this.#running.then(() => this.#check());
    this.#running = outcome.catch(() => undefined); // one bad check must not end all later ones
    return outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  pollLater(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#poll(), this.#options.pollMs ?? 30_000);
    this.#timer.unref();
  }

  async #poll(): Promise<void> {
    await this.reloadNow();
    this.pollLater();
  }

  async #check(): Promise<ReloadOutcome> {
    const stamp = await stampOf(this.#files, this.#options.path);
    if (stamp === this.#stamp) return 'unchanged';
    const read = await this.#read();
    if (this.#closed) return 'unchanged';
    this.#stamp = stamp;
    if (read instanceof GeoDatabaseError) {
      this.#options.onError(read);
      return 'failed';
    }
    this.#database = read;
    this.#options.onReload?.(read);
    return 'reloaded';
  }
}

/**
 * Taken before reading: a file that changes meanwhile has another stamp at the next check and is read
 * again. A missing file is a version too, so that its loss is reported once.
 */
async function stampOf(files: GeoFiles, path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await files.stat(path);
    return `${ino}:${size}:${mtimeMs}`;
  } catch {
    return 'missing';
  }
}

async function tryRead<Value extends Found>(
  files: GeoFiles,
  path: string,
  kind: RecordKind<Value>,
): Promise<NetworkDatabase<Value> | GeoDatabaseError> {
  const source = { file: path, kind };
  let octets: Uint8Array;
  try {
    octets = await files.readFile(path);
  } catch (error) {
    return new GeoDatabaseError('SIGNPOST_GEO_UNREADABLE', source, 'it cannot be read', error);
  }
  try {
    return openDatabase(octets, path, kind);
  } catch (error) {
    if (error instanceof GeoDatabaseError) return error;
    return new GeoDatabaseError('SIGNPOST_GEO_CORRUPT', source, 'it cannot be understood', error);
  }
}
