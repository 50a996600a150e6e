/**
 * The text of a file to import, as plain values with the place of each. JSON is read as the YAML that it is, so that
 * both tell line and column. Must not know what the values mean.
 */
import type { Mistake } from '../check-configuration.ts';
import { type Path, readYaml, type YamlSource } from '../read-yaml.ts';
import type { SourcePlace } from './remark.ts';

/** A file as it was given. */
export interface ImportFile {
  /** To print; also what octoDNS calls its zone by. */
  readonly name: string;
  readonly text: string;
}

export interface ImportSource {
  readonly file: string;
  readonly value: unknown;
  /** Of what `path` leads to, said of `subject`. */
  readonly placeOf: (path: Path, subject: string) => SourcePlace;
}

export interface ReadSources {
  readonly sources: readonly ImportSource[];
  readonly mistakes: readonly Mistake[];
}

export function readSources(files: readonly ImportFile[]): ReadSources {
  const read = files.map((file) => ({ file, yaml: readYaml(file.text) }));
  return {
    sources: read.map(({ file, yaml }) => ({
      file: file.name,
      value: yaml.value,
      placeOf: (path, subject) => ({ file: file.name, ...startOf(yaml, path), subject, path }),
    })),
    mistakes: read.flatMap(({ file, yaml }) =>
      yaml.mistakes.map(({ range, message }) => ({
        file: file.name,
        ...yaml.placeOf(range.start),
        path: '',
        message,
      })),
    ),
  };
}

/** A place as a mistake that ends the import. */
export function mistakeAt({ file, line, column, subject }: SourcePlace, message: string): Mistake {
  return { file, line, column, path: subject, message };
}

function startOf(yaml: YamlSource, path: Path): { readonly line: number; readonly column: number } {
  return yaml.placeOf(yaml.keyRangeOf(path).start);
}
