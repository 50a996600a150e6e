import assert from 'node:assert/strict';
import { test } from 'node:test';

import { manySeries } from './many-series.ts';

test('writes a line for each series, in slices between which others get their turn', async () => {
  const many = manySeries();
  const read = function* () {
    for (let i = 0; i < 2_500; i += 1) yield { labels: { monitor: 'm', target: `t${i}` }, value: i % 2 };
  };
  const gauge = many.add('signpost_probe_success', read);
  let turns = 0;
  const turn = () => void (turns += 1);
  setImmediate(turn);
  const text = await many.text();
  assert.ok(turns > 0);
  const lines = text.trimEnd().split('\n');
  assert.equal(lines[1], '# TYPE signpost_probe_success gauge');
  assert.equal(lines.length, 2_502);
  assert.equal(lines.at(-1), 'signpost_probe_success{monitor="m",target="t2499"} 1');
  gauge[Symbol.dispose]();
  assert.equal(await many.text(), '');
});

test('escapes what a value may not hold', async () => {
  const many = manySeries();
  many.add('signpost_ready', () => [{ labels: { service: 'a"b\\c\nd' }, value: 1 }]);
  assert.match(await many.text(), /^signpost_ready\{service="a\\"b\\\\c\\nd"\} 1$/m);
});
