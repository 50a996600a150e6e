/**
 * Where the time of an answer goes: nanoseconds and octets allocated of each step of the query path and of whole
 * answers by kind, in one thread and without sockets. `npm run bench:hot`; reading: README.md.
 */
import { hotWorld } from './hot/hot-world.ts';
import { querySteps } from './hot/query-steps.ts';
import { type Cost, timeSteps } from './hot/time-steps.ts';
import { wholeAnswers } from './hot/whole-answers.ts';
import { describeMachine, machineLine } from './machine.ts';

console.log(machineLine(describeMachine()));
const world = hotWorld();
print('steps of an answer by place with a client subnet', timeSteps(querySteps(world)));
print('whole answers', timeSteps(wholeAnswers(world)));

function print(title: string, costs: ReadonlyMap<string, Cost>): void {
  console.log(
    `\n${title.padEnd(50)}${['ns', '(least)', 'octets'].map((head) => head.padStart(10)).join('')}`,
  );
  for (const [name, { ns, leastNs, octets }] of costs) {
    const cells = [ns.toFixed(0), `(${leastNs.toFixed(0)})`, octets.toFixed(1)];
    console.log(`  ${name.padEnd(48)}${cells.map((cell) => cell.padStart(10)).join('')}`);
  }
}
