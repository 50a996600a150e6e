/**
 * From drafts to a configuration that `checkConfiguration` takes. Of records that cannot stand in a zone as they are,
 * beside a CNAME for one, it says what the check says and leaves them out.
 */
import type { ConfigurationInput } from '@signpost/contracts/configuration';

import { checkConfiguration, formatMistake, type Mistake } from '../check-configuration.ts';
import { readYaml } from '../read-yaml.ts';
import type { NounDraft } from './noun-draft.ts';
import type { Remark, Remarks, SourcePlace } from './remark.ts';
import { writeConfiguration } from './write-configuration.ts';
import type { ZoneDraft, ZoneSettings } from './zone-draft.ts';

export type Imported =
  | {
      readonly ok: true;
      readonly configuration: ConfigurationInput;
      readonly yaml: string;
      /** All that is not in it, or is there otherwise, in the order of the source. */
      readonly remarks: readonly Remark[];
    }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

export interface Drafts {
  readonly nouns: NounDraft;
  readonly zones: readonly { readonly zone: ZoneDraft; readonly place: SourcePlace }[];
  readonly remarks: Remarks;
  /** In the order they were given. */
  readonly files: readonly string[];
}

export function finishImport({ nouns, zones, remarks, files }: Drafts, settings: ZoneSettings): Imported {
  for (;;) {
    const configuration: ConfigurationInput = {
      apiVersion: 'signpost/v1',
      ...nouns.sections(),
      zones: Object.fromEntries(zones.map(({ zone, place }) => [zone.apex, zone.written(settings, place)])),
    };
    const yaml = writeConfiguration(configuration);
    const checked = checkConfiguration(yaml, 'imported');
    if (checked.ok) return { ok: true, configuration, yaml, remarks: remarks.inOrder(files) };
    const dropped = dropMistaken(yaml, checked.mistakes, zones);
    if (!dropped) return { ok: false, mistakes: checked.mistakes.map(unforeseen) };
  }
}

/** False: none of the mistakes is one of a record, so that leaving records out would not help. */
function dropMistaken(yaml: string, mistakes: readonly Mistake[], zones: Drafts['zones']): boolean {
  const source = readYaml(yaml);
  const { zones: written } = source.value as { zones: Record<string, { records?: Record<string, unknown> }> };
  const lines = lineStarts(yaml);
  const placed = mistakes.map(({ line, column, message }) => ({
    at: lines[line - 1]! + column - 1,
    message,
  }));
  const found = zones.flatMap(({ zone }) =>
    Object.entries(written[zone.apex]?.records ?? {}).flatMap(([owner, own]) => {
      const records = Array.isArray(own) ? own : [own];
      return records.flatMap((_, index) => {
        const path = ['zones', zone.apex, 'records', owner, ...(Array.isArray(own) ? [index] : [])];
        const { start, end } = source.rangeOf(path);
        const first = Array.isArray(own) ? start : source.keyRangeOf(path).start;
        const mistake = placed.find(({ at }) => at >= first && at < end);
        return mistake === undefined ? [] : [{ zone, owner, index, message: mistake.message }];
      });
    }),
  );
  // From the back, so that indexes hold.
  for (const { zone, owner, index, message } of found.toReversed()) zone.drop(owner, index, message);
  return found.length > 0;
}

/** Offsets of lines. */
function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function unforeseen(mistake: Mistake): Mistake {
  const message = `the configuration made of it is not good: ${formatMistake(mistake)}; report this`;
  return { file: 'import', line: 1, column: 1, path: '', message };
}
