/** A configuration with affinity names cannot be used by a controller that has no secret to sign them with. Pure. */
import type { Check } from '@signpost/config/check-configuration';

/** What a controller with these secrets checks of a configuration besides. */
export function affinityCheck(secrets: readonly string[]): readonly Check[] {
  if (secrets.length > 0) return [];
  const message =
    'names of targets are signed, and this controller has no secret; set SIGNPOST_AFFINITY_SECRET to the same one for all controllers';
  return [
    ({ zones }) =>
      zones.flatMap(({ records }) =>
        records.flatMap(({ record, path }) =>
          'steer' in record && record.affinity_names === true
            ? [{ path: [...path, 'affinity_names'], message }]
            : [],
        ),
      ),
  ];
}
