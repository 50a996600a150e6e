import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseZoneList, parseZoneOption } from './zone-list.ts';

test('a list names files relative to itself, and passes over comments and empty lines', () => {
  assert.deepEqual(
    parseZoneList('# zones\n\nExample.NET.\tsub/a b.zone\r\n.\t/etc/root.zone\n', '/srv/list'),
    {
      zones: [
        { origin: 'example.net', file: '/srv/sub/a b.zone' },
        { origin: '.', file: '/etc/root.zone' },
      ],
      problems: [],
    },
  );
});

test('what cannot be understood is told with its line, and the rest is read', () => {
  const { zones, problems } = parseZoneList('a.example\ta\nonly\nb..c\tb\nA.EXAMPLE.\tc\n', 'list');
  assert.deepEqual(
    zones.map(({ origin }) => origin),
    ['a.example'],
  );
  assert.deepEqual(
    problems.map((problem) => problem.split(' ')[0]),
    ['list:2:', 'list:3:', 'list:4:'],
  );
});

test('an option without a file is told', () => {
  assert.match(parseZoneOption('example.net=').problems[0]!, /write ORIGIN=FILE/);
  assert.match(parseZoneOption('example.net').problems[0]!, /write ORIGIN=FILE/);
});
