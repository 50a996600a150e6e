/** `npm run docs`: writes the documents that are made from the code. Tests compare; only this writes. */
import { readFileSync, writeFileSync } from 'node:fs';

import { configurationJsonSchemaText } from '@signpost/config/json-schema';
import { VERSION } from '@signpost/contracts/version';

import { asyncApiText } from './asyncapi-document.ts';
import { metricsText } from './metrics-document.ts';
import { SIMULATIONS_PAGE, simulationsText } from './simulations-document.ts';

writeFileSync('docs/asyncapi.yaml', asyncApiText(VERSION));
writeFileSync('docs/metrics.md', metricsText());
writeFileSync('docs/signpost.schema.json', configurationJsonSchemaText());
writeFileSync(SIMULATIONS_PAGE, simulationsText(readFileSync(SIMULATIONS_PAGE, 'utf8')));
