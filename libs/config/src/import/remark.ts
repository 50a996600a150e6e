/**
 * What an importer says about its source besides the configuration it makes: where something stands, and what became of
 * it. Must not decide what is worth saying; each importer does.
 */
import type { Path } from '../read-yaml.ts';

/** A value of the source. */
export interface SourcePlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** Of the record or check it belongs to, in words: `www.example.net A "blue"`. */
  readonly subject: string;
  /** Within the file. */
  readonly path: Path;
}

export interface Remark {
  /** `lost`: it is not in the configuration. `changed`: it is there, but not in the same words or with the same effect. */
  readonly kind: 'lost' | 'changed';
  readonly place: SourcePlace;
  /** What it is and what was done instead, in few words: the place leads to the rest. */
  readonly message: string;
  /** Of the source, where more of it is meant than the words say. */
  readonly value?: unknown;
}

/** A value of the source as a remark names it: never a whole object. */
export function shortly(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return `an object with ${Object.keys(value).join(', ')}`;
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** `not imported: FILE:line:col SUBJECT: message`. */
export function formatRemark({ kind, place, message }: Remark): string {
  const what = kind === 'lost' ? 'not imported' : 'imported otherwise';
  return `${what}: ${place.file}:${place.line}:${place.column} ${place.subject}: ${message}`;
}

/** Collects remarks; what is said twice of one place is kept once. */
export class Remarks {
  readonly #all = new Map<string, Remark>();

  lost(place: SourcePlace, message: string, value?: unknown): void {
    this.#add({ kind: 'lost', place, message, value });
  }

  changed(place: SourcePlace, message: string, value?: unknown): void {
    this.#add({ kind: 'changed', place, message, value });
  }

  /** In the order of the source: by file as they were read, then by place. */
  inOrder(files: readonly string[]): readonly Remark[] {
    const rank = ({ place }: Remark): number => files.indexOf(place.file);
    return [...this.#all.values()].toSorted(
      (a, b) => rank(a) - rank(b) || a.place.line - b.place.line || a.place.column - b.place.column,
    );
  }

  #add(remark: Remark): void {
    const { file, subject, path } = remark.place;
    this.#all.set(JSON.stringify([file, subject, path, remark.message]), remark);
  }
}
