/**
 * `signpost export bind ZONE`: a zone as a zone file, from the running controller with the health it knows, or with
 * `--config FILE` from a configuration file, as if all its targets were up.
 */
import { zoneFileSchema } from '@signpost/contracts/zone-file';
import { exportConfiguredZone } from '@signpost/controller/export/export-zone';

import { type ApiOptions, askApi } from '../api-client.ts';
import { printProblem } from '../draw/print.ts';
import { reportFailure } from '../report-failure.ts';
import { readChecked } from './check.ts';

export async function exportBind(
  zone: string,
  options: ApiOptions & { readonly config?: string },
): Promise<void> {
  if (options.config !== undefined) return exportFromFile(zone, options.config);
  await reportFailure(async () => {
    const path = `/api/v1/zone-file?zone=${encodeURIComponent(zone)}`;
    process.stdout.write((await askApi(options, path, zoneFileSchema)).text);
  });
}

function exportFromFile(zone: string, file: string): void {
  const checked = readChecked(file);
  if (checked === undefined) return;
  const text = exportConfiguredZone(checked.configuration, zone, Date.now());
  if (text !== undefined) {
    process.stdout.write(text);
    return;
  }
  printProblem(
    `${file}: there is no zone ${zone}; zones: ${Object.keys(checked.configuration.zones).join(', ')}`,
  );
  process.exitCode = 2;
}
