import assert from 'node:assert/strict';
import { test } from 'node:test';

import { drawSimulation, drawTime } from './draw-simulation.ts';
import { failovers } from './failovers.ts';
import { skews } from './skews.ts';
import { plotSimulation } from './plot-simulation.ts';
import { simulated } from './testing/small-world.ts';

const SCENARIO = `
population: { resolvers: 100, requests: 100 }
events: [{ at: 2m, kill: eu-a }, { at: 5m, degrade: eu-b, failing: 30% }, { at: 6m, recover: "*" }]
`;
const recording = simulated({ ttl: '20', monitor: 'type: tcp, port: 80, interval: 5s, fall: 5' }, SCENARIO);
const draw = (): string[] =>
  drawSimulation(recording, { failovers: failovers(recording), skews: skews(recording) }, (text) => text);

test('times are minutes and seconds', () => {
  assert.deepEqual([0, 61_000, 300_100, 3_600_000, 59_960].map(drawTime), [
    '0:00',
    '1:01',
    '5:00.1',
    '60:00',
    '1:00',
  ]);
});

test('what comes and goes is told once for each time between events', () => {
  const lines = draw();
  const suspicions = lines.filter((line) => line.includes('eu-b is suspect'));
  assert.equal(suspicions.length, 1);
  assert.match(suspicions[0]!, /^5:\d\d(\.\d)? +eu-b is suspect \(web\), and \d+ times more$/);
  assert.ok(lines.some((line) => /^2:0\d(\.\d)? +eu-a is down \(web\)/.test(line)));
});

test('a recovery after an event ends what is said of the event', () => {
  const [failover] = failovers(recording);
  assert.equal(failover!.mark.text, 'kill eu-a');
  const eu = recording.targets.find(({ target }) => target === 'eu-a')!.requests;
  const until = eu.subarray(120, 360).reduce((sum, count) => sum + count, 0);
  assert.ok(Math.abs(failover!.requests - until) < 1e-6);
});

test('a plot has a layer and two curves for each target, a mark for each event, and no number that is none', () => {
  const svg = plotSimulation(recording);
  const count = (pattern: RegExp) => [...svg.matchAll(pattern)].length;
  const shown = recording.targets.length;
  assert.equal(count(/<path [^>]*fill-opacity/g), shown);
  assert.equal(count(/<path [^>]*stroke-dasharray/g), shown);
  assert.equal(count(/<line class="mark"/g), 3);
  assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
  for (const { target } of recording.targets) assert.ok(svg.includes(`>${target}</text>`));
});

test('many targets become a few and the others, requests without answer are a layer, names are escaped', () => {
  const many = {
    ...recording,
    targets: Array.from({ length: 20 }, (_, i) => ({ ...recording.targets[0]!, target: `t${i}` })),
    unanswered: new Float64Array(recording.seconds).fill(1),
    marks: [{ ...recording.marks[0]!, text: 'a < b & c' }],
  };
  const svg = plotSimulation(many);
  assert.equal([...svg.matchAll(/<path [^>]*fill-opacity/g)].length, 9);
  assert.ok(svg.includes('>others</text>') && svg.includes('>no answer</text>'));
  assert.ok(svg.includes('a &lt; b &amp; c'));
});

test('nothing at all can be drawn', () => {
  const nothing = {
    ...recording,
    targets: [],
    marks: [],
    verdicts: [],
    unanswered: new Float64Array(recording.seconds),
  };
  assert.doesNotMatch(plotSimulation(nothing), /NaN|Infinity|undefined/);
  assert.ok(drawSimulation(nothing, { failovers: [], skews: [] }, (text) => text).length > 0);
});
