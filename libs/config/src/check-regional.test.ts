/** Vantages with clients near them, and monitors that decide by them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { configurationSchema } from '@signpost/contracts/configuration';

import { checkConfiguration, formatMistake } from './check-configuration.ts';
import { checkReferences } from './check-references.ts';

function mistakesOf(vantages: Record<string, unknown>, monitor: Record<string, unknown> = {}): string[] {
  const configuration = configurationSchema.parse({
    apiVersion: 'signpost/v1',
    vantages,
    monitors: { web: { type: 'tcp', port: 80, vantages: monitor } },
    targets: { a: { a: '192.0.2.1' } },
    pools: { all: { monitor: 'web', members: [{ target: 'a' }] } },
  });
  return checkReferences(configuration).map(({ path, message }) => `${path.join('/')}: ${message}`);
}

const REGIONAL = { decide: 'regional' };

test('a vantage whose view is to count says which clients are near it', () => {
  assert.deepEqual(mistakesOf({ eu: {}, us: {} }), []);
  assert.deepEqual(mistakesOf({ eu: { near: ['EU', 'AS-TR'] }, us: { near: [] } }, REGIONAL), []);
  assert.deepEqual(mistakesOf({ eu: { near: ['EU'] }, us: { at: [40, -74] }, ap: {} }, REGIONAL), [
    'monitors/web/vantages/decide: it is not known which clients are near "us", "ap"; write "near: [EU]" or the like in that vantage, or "near: []" if it only votes',
  ]);
  assert.deepEqual(
    mistakesOf({ eu: { near: ['EU'] }, us: {} }, { ...REGIONAL, use: ['eu'] }),
    [],
    'one that does not vote need not',
  );
});

test('a geo code exists and is of one vantage', () => {
  assert.deepEqual(mistakesOf({ eu: { near: ['EU', 'EU-TR'] } }), [
    'vantages/eu/near/1: TR lies in Asia, so write "AS-TR" instead of "EU-TR"',
  ]);
  assert.deepEqual(mistakesOf({ eu: { near: ['EU'] }, uk: { near: ['EU-GB', 'EU'] } }), [
    'vantages/uk/near/1: EU stands near vantage "eu" as well; remove one, or write a smaller area',
  ]);
  assert.deepEqual(mistakesOf({ eu: { near: ['EU', 'EU'] } }), [
    'vantages/eu/near/1: EU stands here twice; remove one, or write a smaller area',
  ]);
});

test('no more vantages have clients than a record set carries views', () => {
  const countries =
    'AD AL AT AX BA BE BG BY CH CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA XK'.split(
      ' ',
    );
  const asian = 'AE AF AM AZ BD BH BN BT CC CN CX CY GE'.split(' ');
  const codes = [...countries.map((code) => `EU-${code}`), ...asian.map((code) => `AS-${code}`)];
  const vantages = Object.fromEntries(codes.map((code, index) => [`v${index}`, { near: [code] }]));
  assert.deepEqual(mistakesOf(vantages), [
    `vantages: ${codes.length} vantages have clients near them; leave "near" out of all but 64`,
  ]);
});

test('a mistake is told at its line', () => {
  const checked = checkConfiguration(
    'apiVersion: signpost/v1\nvantages:\n  eu: { near: [eu] }\nmonitors:\n  web: { type: tcp, port: 80, vantages: { decide: local } }\n',
    'a.yaml',
  );
  assert.ok(!checked.ok);
  assert.match(checked.mistakes.map(formatMistake).join('\n'), /a\.yaml:3:16 .*"EU"/);
  assert.match(checked.mistakes.map(formatMistake).join('\n'), /a\.yaml:5:.*decide/);
});
