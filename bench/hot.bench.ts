/**
 * Where the time of an answer goes: nanoseconds and octets allocated of each step of the query path and of whole
 * answers by kind, in one thread and without sockets. `npm run bench:hot`; reading: README.md.
 */
import { seededDraw } from '@signpost/testkit/seeded-draw';

import { crowdOf } from './hot/hot-packets.ts';
import { hotWorld, NAMES } from './hot/hot-world.ts';
import { querySteps } from './hot/query-steps.ts';
import { type Cost, timeSteps } from './hot/time-steps.ts';
import { wholeAnswers } from './hot/whole-answers.ts';
import { describeMachine, machineLine } from './machine.ts';

console.log(machineLine(describeMachine()));
const world = hotWorld();
const draw = seededDraw(7);
const warm = crowdOf(1_000, 1_000, draw);
const cold = crowdOf(NAMES, 50_000, draw);
print('steps of a fast answer by place, client subnet', timeSteps(querySteps(world, warm)));
print('whole answers, 1,000 names, 1,000 clients', timeSteps(wholeAnswers(world, warm)));
print('steps of the same in cold caches', timeSteps(querySteps(world, cold)));
print('whole answers, 10,000 names, 50,000 clients', timeSteps(wholeAnswers(world, cold)));

function print(title: string, costs: ReadonlyMap<string, Cost>): void {
  console.log(
    `\n${title.padEnd(50)}${['ns', '(least)', 'octets'].map((head) => head.padStart(10)).join('')}`,
  );
  for (const [name, { ns, leastNs, octets }] of costs) {
    const cells = [ns.toFixed(0), `(${leastNs.toFixed(0)})`, octets.toFixed(1)];
    console.log(`  ${name.padEnd(48)}${cells.map((cell) => cell.padStart(10)).join('')}`);
  }
}
