/** `docs/asyncapi.yaml` is valid AsyncAPI 3 and says what the contracts say. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Parser } from '@asyncapi/parser';

import { patterns, streams, subjects } from '@signpost/contracts/subjects';
import { VERSION } from '@signpost/contracts/version';

import { addressOf, asyncApiText, channels } from './asyncapi-document.ts';

const text = readFileSync('docs/asyncapi.yaml', 'utf8');
/** Of the severities of a diagnostic, as the language server protocol numbers them. */
const ERROR: readonly number[] = [0];

test('the AsyncAPI file is the one made from the contracts', () => {
  assert.equal(text, asyncApiText(VERSION), 'run "npm run docs"');
});

test('every subject has its channel, and only those', () => {
  assert.deepEqual(channels.map((channel) => channel.subject).toSorted(), Object.keys(subjects).toSorted());
});

test('every stream and subscription pattern catches a channel of the file', () => {
  const wanted = [...Object.values(patterns), ...Object.values(streams).flatMap((stream) => stream.subjects)];
  const addresses = channels.map(addressOf);
  for (const pattern of wanted) {
    const prefix = pattern.replace(/>$/, '');
    assert.ok(
      addresses.some((address) => address.startsWith(prefix)),
      pattern,
    );
  }
});

test('the AsyncAPI file is valid', async () => {
  const diagnostics = await new Parser().validate(text);
  const errors = diagnostics.filter((diagnostic) => ERROR.includes(diagnostic.severity));
  assert.deepEqual(
    errors.map((error) => `${error.path.join('.')}: ${error.message}`),
    [],
  );
});
