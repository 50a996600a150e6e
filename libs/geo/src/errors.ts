/**
 * The one error of this package: a geo database that cannot be used.
 * It is thrown when a file is opened, never by a look-up.
 */

export type GeoErrorCode =
  /** The file is missing or may not be read. */
  | 'SIGNPOST_GEO_UNREADABLE'
  /** There is nothing in it: no octets, or a tree without a single network. */
  | 'SIGNPOST_GEO_EMPTY'
  /** It is no MaxMind DB, or a part of one, or its parts contradict each other. */
  | 'SIGNPOST_GEO_CORRUPT'
  /** It is a sound MaxMind DB that says nothing of countries (an ASN database), or a newer format. */
  | 'SIGNPOST_GEO_UNSUPPORTED';

export class GeoDatabaseError extends Error {
  override readonly name = 'GeoDatabaseError';
  readonly code: GeoErrorCode;
  /** The path as configured. */
  readonly file: string;
  /** What the operator can do, as a sentence. */
  readonly remedy: string;

  constructor(code: GeoErrorCode, file: string, problem: string, cause?: unknown) {
    const remedy = REMEDIES[code];
    super(`geo database ${file}: ${problem}. ${remedy}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.file = file;
    this.remedy = remedy;
  }
}

const REMEDIES: Readonly<Record<GeoErrorCode, string>> = {
  SIGNPOST_GEO_UNREADABLE: 'Check that the path is right and that this user may read it.',
  SIGNPOST_GEO_EMPTY:
    'Download it again; put new versions in place by rename, not by writing over the old one.',
  SIGNPOST_GEO_CORRUPT:
    'Download it again, unpacked (.mmdb, not .gz); put new versions in place by rename, not by writing over the old one.',
  SIGNPOST_GEO_UNSUPPORTED:
    'Use a country or city database: GeoLite2 or GeoIP2 Country or City, or one whose records have country_code.',
};
