import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { matchesGlob, matchProblem, matchTargets } from './match-targets.ts';

const nouns = {
  targets: {
    'eu-a': { site: 'fra' },
    'eu-b': { site: 'fra' },
    'us-a': { site: 'iad' },
    sorry: {},
  },
  pools: {
    eu: {
      members: [
        { target: 'eu-b', weight: 1 },
        { target: 'eu-a', weight: 1 },
      ],
    },
    us: { members: [{ target: 'us-a', weight: 1 }] },
  },
};

test('a match names targets, members of pools and targets of sites, in the order of the configuration', () => {
  const found = (match: string) => matchTargets(match, nouns).join(' ');
  assert.equal(found('eu-a'), 'eu-a');
  assert.equal(found('eu-*'), 'eu-a eu-b');
  assert.equal(found('*-a'), 'eu-a us-a');
  assert.equal(found('target/??-b'), 'eu-b');
  assert.equal(found('pool/eu'), 'eu-a eu-b');
  assert.equal(found('pool/*'), 'eu-a eu-b us-a');
  assert.equal(found('site/fra'), 'eu-a eu-b');
  assert.equal(found('*'), 'eu-a eu-b us-a sorry');
  assert.equal(
    found('site/'),
    'sorry',
    'a glob of nothing matches what has no site; matchProblem refuses it',
  );
  assert.equal(found('zone/eu'), '');
});

test('a match that hits nothing is refused, with what is near', () => {
  assert.equal(matchProblem('eu-*', nouns), undefined);
  assert.equal(matchProblem('us-b', nouns), '"us-b" matches no target; did you mean "us-a"?');
  assert.equal(matchProblem('pool/ap', nouns), '"pool/ap" matches no target; pools: eu, us');
  assert.equal(matchProblem('site/frq', nouns), '"site/frq" matches no target; did you mean "fra"?');
  assert.match(matchProblem('site/', nouns)!, /names nothing/);
  assert.match(matchProblem('zone/eu', nouns)!, /"zone\/" is no kind of match; write target\/NAME/);
});

test('names of objects that everything has are no targets', () => {
  assert.deepEqual(matchTargets('constructor', nouns), []);
  assert.deepEqual(matchTargets('target/__proto__', nouns), []);
});

const text = fc.array(fc.constantFrom('a', 'b', '-', '.'), { maxLength: 8 }).map((parts) => parts.join(''));
const glob = fc
  .array(fc.constantFrom('a', 'b', '-', '.', '*', '?'), { maxLength: 8 })
  .map((parts) => parts.join(''));

test('a glob matches what the regular expression of the same meaning does', () => {
  fc.assert(
    fc.property(glob, text, (pattern, name) => {
      const source = pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');
      assert.equal(matchesGlob(pattern, name), new RegExp(`^${source}$`).test(name));
    }),
    { numRuns: 2_000 },
  );
});

test('a name matches itself, and a hostile glob takes no time', () => {
  fc.assert(
    fc.property(text, (name) => assert.ok(matchesGlob(name, name) && matchesGlob(`*${name}*`, name))),
  );
  assert.equal(matchesGlob(`${'*a'.repeat(120)}b`, 'a'.repeat(63)), false);
});
