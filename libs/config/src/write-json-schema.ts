/**
 * Prints the JSON Schema of the configuration: `node libs/config/src/write-json-schema.ts > docs/signpost.schema.json`.
 * A program of its own; nothing imports it.
 */
import { configurationJsonSchemaText } from './json-schema.ts';

process.stdout.write(configurationJsonSchemaText());
