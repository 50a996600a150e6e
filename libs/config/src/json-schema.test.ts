import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { configurationJsonSchema, configurationJsonSchemaText, knownKeys } from './json-schema.ts';

const FILE = new URL('../../../docs/signpost.schema.json', import.meta.url);

test('docs/signpost.schema.json is the schema of the code', () => {
  assert.equal(readFileSync(FILE, 'utf8'), configurationJsonSchemaText(), 'write it anew: npm run docs');
});

test('knows the keys at any path, by the type that was written', () => {
  const schema = configurationJsonSchema();
  assert.deepEqual(knownKeys(schema, {}, ['targets', 'x']), [
    'a',
    'aaaa',
    'cname',
    'at',
    'site',
    'status',
    'check',
  ]);
  assert.deepEqual(knownKeys(schema, {}, ['pools', 'x', 'members', 3]), ['target', 'weight']);
  const value = { monitors: { web: { type: 'tcp' } } };
  assert.ok(knownKeys(schema, value, ['monitors', 'web']).includes('port'));
  assert.ok(!knownKeys(schema, value, ['monitors', 'web']).includes('url'));
  assert.deepEqual(knownKeys(schema, {}, ['nowhere', 'x']), []);
});
