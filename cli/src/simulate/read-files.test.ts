import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readClients } from './read-clients.ts';
import { readScenario } from './read-scenario.ts';
import { configurationOf } from './testing/small-world.ts';

const mistakesOf = (text: string) => {
  const read = readScenario(text, 's.yaml', configurationOf());
  return read.ok ? [] : read.mistakes;
};

test('every mistake of a scenario is told with its place, all at once', () => {
  assert.deepEqual(
    mistakesOf(`population: { resolvers: 0, alhpa: 1.1 }
events:
  - { at: 5 minutes, kill: target/eu-a }
  - { kill: eu-a }
`),
    [
      's.yaml:1:26 0 is too small; at least 1',
      's.yaml:1:29 unknown key "alhpa"; did you mean "alpha"?',
      's.yaml:3:11 "5 minutes" is not right: a duration is a number and a unit: 250ms, 10s, 5m, 1h',
      's.yaml:4:5 missing; add at, a text',
    ],
  );
  assert.deepEqual(
    mistakesOf(`events:
  - { at: 1m, kill: target/eu-c }
  - { at: 2m, weights: { pool: eu, members: { us-a: 3 } } }
  - { at: 2m, weights: { pool: ue, members: {} } }
  - { at: 3m, surge: 2, geos: [DE] }
`),
    [
      's.yaml:2:21 "target/eu-c" matches no target; did you mean "eu-a"?',
      's.yaml:3:53 pool "eu" has no member "us-a"; members: eu-a, eu-b',
      's.yaml:4:32 there is no pool "ue"; did you mean "eu"?',
      's.yaml:5:32 geo codes start with the continent: write "EU-DE" instead of "DE"',
    ],
  );
});

test('a time without a unit is told with one', () => {
  assert.deepEqual(mistakesOf('events: [{ at: 5, kill: eu-a }]'), [
    's.yaml:1:16 expected a text, got 5; write a unit, such as 5s',
  ]);
});

test('what an event is about is checked though the rest of it is malformed', () => {
  assert.deepEqual(
    mistakesOf(`events:
  - { at: 5, kill: target/eu-c }
  - { at: 5m, degrade: target/eu-c }
  - { at: 5, weights: { pool: ue, members: {} } }
  - { at: 5, surge: 2, geos: [UK] }
  - 7
`).filter((line) => !/expected|missing/.test(line)),
    [
      's.yaml:2:20 "target/eu-c" matches no target; did you mean "eu-a"?',
      's.yaml:3:24 "target/eu-c" matches no target; did you mean "eu-a"?',
      's.yaml:4:31 there is no pool "ue"; did you mean "eu"?',
      's.yaml:5:31 "UK" is no geo code; write "EU-GB"',
    ],
  );
});

test('habits must be one thing, and no more than all resolvers can have one', () => {
  assert.deepEqual(mistakesOf('population: { ttl: [{ share: 10%, times: 2, at_most: 1m }] }'), [
    's.yaml:1:21 write one of at_least, at_most and times',
  ]);
  assert.equal(
    mistakesOf('population: { ttl: [{ share: 60%, times: 2 }, { share: 60%, times: 3 }] }').length,
    1,
  );
});

test('events happen in the order of their times, however they are written', () => {
  const read = readScenario(
    'events: [{ at: 9m, recover: eu-a }, { at: 5m, kill: eu-a }]',
    's.yaml',
    configurationOf(),
  );
  assert.ok(read.ok);
  assert.deepEqual(
    read.scenario.events.map(({ at }) => at),
    [300_000, 540_000],
  );
  assert.equal(read.scenario.population.resolvers, 1_000);
});

test('an empty scenario is one in which nothing happens', () => {
  const read = readScenario('', 's.yaml', configurationOf());
  assert.deepEqual(read.ok && read.scenario.events, []);
});

test('every mistake of a file of clients is told with its line', () => {
  const read = readClients(
    '192.0.2.1/24\n# fine\n10.0.0.0/8,-1\n10.0.0.0/8,1,Germany\n10.0.0.0/8,1,DE,x\n',
    'c.csv',
  );
  assert.deepEqual(read, {
    ok: false,
    mistakes: [
      'c.csv:1: "192.0.2.1/24" is no prefix; write 192.0.2.0/24',
      'c.csv:3: "-1" is no weight; write a number above 0, or leave it out',
      'c.csv:4: "Germany" is no geo code; write "EU-DE"',
      'c.csv:5: more than three fields; write prefix,weight,country',
    ],
  });
  assert.equal(readClients('# nobody\n', 'c.csv').ok, false);
});
