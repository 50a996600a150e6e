/**
 * Calm in real time: a target that fails exactly each fifth request must cause no change of addresses, and one that
 * flips each five seconds must be damped. `npm run bench:soak [-- --minutes 10]`; exit code 1 when either is not so.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { eventually } from '@signpost/testkit/eventually';
import { freePort } from '@signpost/testkit/free-port';
import { startFailingTargets } from '@signpost/testkit/start-failing-targets';
import { startServices } from '@signpost/testkit/start-services';
import { watchAnswers } from '@signpost/testkit/watch-answers';

import { endOnSignal } from './end-on-signal.ts';
import { SOAK_TARGETS, soakConfiguration } from './soak-targets.ts';

const FLIP_EVERY_MS = 5_000;
const TELL_EVERY_MS = 10_000;

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const minutes = Number(values.minutes);
if (!(minutes > 0 && minutes <= 24 * 60)) {
  console.error(`--minutes is ${JSON.stringify(values.minutes)}; it takes a number above 0, at most a day's`);
  process.exit(2);
}

await using open = new AsyncDisposableStack();
endOnSignal(open);
const port = await freePort();
const [steady, flapping] = SOAK_TARGETS as [(typeof SOAK_TARGETS)[0], (typeof SOAK_TARGETS)[0]];
const targets = open.use(
  await startFailingTargets({ addresses: SOAK_TARGETS.map(({ address }) => address), port }),
);
const services = open.use(await startServices({ configuration: soakConfiguration(port), authorities: 2 }));
const names = SOAK_TARGETS.map(({ name }) => `${name}.soak.example`);
const watch = open.use(await watchAnswers({ ports: services.dnsPorts, names }));
watch.ask(new Set(names.keys()), 50);
const addresses = (): (string | undefined)[] =>
  services.dnsPorts.flatMap((_, authority) => SOAK_TARGETS.map((_, i) => watch.seen(authority, i)?.address));
const allWell = services.dnsPorts.flatMap(() => SOAK_TARGETS.map(({ answer }) => answer));
await eventually(addresses, (now) => now.join() === allWell.join(), { deadlineMs: 60_000 });
const changesAtStart = changes();

console.log(
  `soaking for ${minutes} minutes: ${steady.name} at each fifth request, ${flapping.name} each 5 s`,
);
targets.behave(steady.address, 'each-fifth-500');
const startedMs = performance.now();
let suspects = 0;
let dampedAfterMs: number | undefined;
let changesWhenDamped = 0;
let toldMs = startedMs;
for (let second = 0, well = true; second < minutes * 60; second += 1) {
  if (second % (FLIP_EVERY_MS / 1_000) === 0) {
    well = !well;
    targets.behave(flapping.address, well ? 'well' : 'status-500');
  }
  await wait(Math.max(0, startedMs + (second + 1) * 1_000 - performance.now()));
  const status = await services.status();
  const [steadyNow, flappingNow] = SOAK_TARGETS.map(({ name }) =>
    status.targets.find(({ target }) => target === name),
  );
  if (steadyNow?.state === 'suspect') suspects += 1;
  if (flappingNow?.dampedUntilMs !== undefined && dampedAfterMs === undefined) {
    dampedAfterMs = performance.now() - startedMs;
    changesWhenDamped = changes()[1]!;
  }
  if (performance.now() - toldMs < TELL_EVERY_MS) continue;
  toldMs = performance.now();
  const [ofSteady, ofFlapping] = changesSinceStart();
  console.log(
    `${second + 1} s: ${steady.name} ${steadyNow?.state}, ${ofSteady} changes; ` +
      `${flapping.name} ${flappingNow?.state}, ${ofFlapping} changes (${flappingNow?.reason})`,
  );
}

const [steadyChanges, flappingChanges] = changesSinceStart() as [number, number];
const afterDamping = changes()[1]! - changesWhenDamped;
const dampedInTime = dampedAfterMs !== undefined && afterDamping === 0;
console.log(
  `\n${steady.name}: ${steadyChanges} changes of its addresses, suspect in ${suspects} of ${minutes * 60} looks: ` +
    (steadyChanges === 0 ? 'calm' : 'NOT CALM'),
);
console.log(
  `${flapping.name}: ${flappingChanges} changes of its addresses, damped after ` +
    `${dampedAfterMs === undefined ? 'NEVER' : `${(dampedAfterMs / 1_000).toFixed(0)} s`}, ${afterDamping} changes from then on: ` +
    (dampedInTime ? 'damped' : 'NOT DAMPED'),
);
process.exitCode = steadyChanges === 0 && dampedInTime ? 0 : 1;

/** By target, over both authorities. */
function changes(): number[] {
  return SOAK_TARGETS.map((_, i) =>
    services.dnsPorts.reduce((sum, _, authority) => sum + (watch.seen(authority, i)?.changes ?? 0), 0),
  );
}

function changesSinceStart(): number[] {
  return changes().map((count, i) => count - changesAtStart[i]!);
}
