/**
 * The one error of this package: a database, of places or of autonomous systems, that cannot be used.
 * It is thrown when a file is opened, never by a look-up.
 */

export type GeoErrorCode =
  /** The file is missing or may not be read. */
  | 'SIGNPOST_GEO_UNREADABLE'
  /** There is nothing in it: no octets, or a tree without a single network. */
  | 'SIGNPOST_GEO_EMPTY'
  /** It is no MaxMind DB, or a part of one, or its parts contradict each other. */
  | 'SIGNPOST_GEO_CORRUPT'
  /** It is a sound MaxMind DB of another kind (an ASN database in place of a country one), or a newer format. */
  | 'SIGNPOST_GEO_UNSUPPORTED';

/** Which database: the file as configured, and what it is to tell of. */
export interface DatabaseSource {
  readonly file: string;
  readonly kind: { readonly name: string; readonly remedy: string };
}

export class GeoDatabaseError extends Error {
  override readonly name = 'GeoDatabaseError';
  readonly code: GeoErrorCode;
  /** `geo` or `ASN`. */
  readonly kind: string;
  /** The path as configured. */
  readonly file: string;
  /** What the operator can do, as a sentence. */
  readonly remedy: string;

  constructor(code: GeoErrorCode, { file, kind }: DatabaseSource, problem: string, cause?: unknown) {
    const remedy = code === 'SIGNPOST_GEO_UNSUPPORTED' ? kind.remedy : REMEDIES[code];
    super(
      `${kind.name} database ${file}: ${problem}. ${remedy}`,
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
    this.kind = kind.name;
    this.file = file;
    this.remedy = remedy;
  }
}

const REMEDIES: Readonly<Record<Exclude<GeoErrorCode, 'SIGNPOST_GEO_UNSUPPORTED'>, string>> = {
  SIGNPOST_GEO_UNREADABLE: 'Check that the path is right and that this user may read it.',
  SIGNPOST_GEO_EMPTY:
    'Download it again; put new versions in place by rename, not by writing over the old one.',
  SIGNPOST_GEO_CORRUPT:
    'Download it again, unpacked (.mmdb, not .gz); put new versions in place by rename, not by writing over the old one.',
};
