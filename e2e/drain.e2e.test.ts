/** A drain by command at `signpost start`, as a deploy job does it: answers stop at once, and the proof is true. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { drainSchema } from '@signpost/contracts/drain';
import { overrideMadeSchema } from '@signpost/contracts/override';
import { ask } from '@signpost/testkit/dns-client';
import { eventually } from '@signpost/testkit/eventually';
import { freePort } from '@signpost/testkit/free-port';
import { startSignpost, type SignpostProcess } from '@signpost/testkit/start-process';
import * as z from 'zod';

const HOST = '127.0.0.77';
const TTL_SECONDS = 3;
const EU_A = '192.0.2.10';

const open = new AsyncDisposableStack();
let signpost: SignpostProcess;
let dnsPort: number;
let api: string;
/** When the last question was asked that got EU_A. */
let euAGivenAfterMs = 0;

before(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'signpost-drain-'));
  open.defer(() => rm(directory, { recursive: true }));
  // The example without its monitor: nothing has to be probed here.
  const example = await readFile('signpost.example.yaml', 'utf8');
  const config = join(directory, 'signpost.yaml');
  await writeFile(
    config,
    example
      .replace('{ stable: 30, suspect: 10, floor: 5 }', `{ stable: ${TTL_SECONDS}, suspect: 1, floor: 1 }`)
      .replaceAll(/monitor: redirect,? ?/g, ''),
  );
  dnsPort = await freePort(HOST);
  const apiPort = await freePort(HOST);
  api = `http://${HOST}:${apiPort}`;
  signpost = open.use(
    await startSignpost(['start'], {
      SIGNPOST_CONFIG: config,
      SIGNPOST_DNS_LISTEN: `${HOST}:${dnsPort}`,
      SIGNPOST_API_LISTEN: `${HOST}:${apiPort}`,
      SIGNPOST_ADMIN_LISTEN: `${HOST}:0`,
    }),
  );
  await eventually(euAddresses, (seen) => seen.has(EU_A), { deadlineMs: 30_000 });
});
after(() => open.disposeAsync());

/** Addresses that twenty questions from Europe get, one after the other. */
async function euAddresses(): Promise<Set<string>> {
  const seen = new Set<string>();
  for (let i = 0; i < 20; i += 1) {
    const askedMs = Date.now();
    const { answers } = await ask({
      server: HOST,
      port: dnsPort,
      name: 'go.example.net',
      type: 'A',
      subnet: '81.2.69.0/24',
    });
    for (const record of answers) if (record.type === 'A') seen.add(record.data);
    if (answers.some((record) => record.type === 'A' && record.data === EU_A)) euAGivenAfterMs = askedMs;
  }
  return seen;
}

async function run(...args: string[]): Promise<{ code: unknown; out: string; problems: string }> {
  const command = await startSignpost(args, { SIGNPOST_API: api });
  const code = await command.waitForEnd();
  return { code, out: command.stdout.join('\n'), problems: command.stderr.join('\n') };
}

const drained = overrideMadeSchema.extend({ outcome: z.string(), drains: z.array(drainSchema) });

test('drain --wait --json ends when caches are empty, with times that are right, and obey brings it back', async () => {
  const command = await startSignpost(
    ['drain', 'eu-a', '--reason', 'deploy 7', '--for', '10m', '--by', 'ci', '--wait', '--json'],
    { SIGNPOST_API: api },
  );
  // Asks all the while, so that the last answer is one that this test saw.
  let roundBeganMs = 0;
  await eventually(
    () => {
      roundBeganMs = Date.now();
      return euAddresses();
    },
    (seen) => !seen.has(EU_A),
    { deadlineMs: 30_000 },
  );
  assert.equal(await command.waitForEnd(), 0, command.stderr.join('\n'));
  const endedMs = Date.now();
  const { outcome, override, targets, drains } = drained.parse(JSON.parse(command.stdout.join('\n')));
  const [drain] = drains;
  assert.deepEqual([outcome, targets, override.by, override.reason], ['empty', ['eu-a'], 'ci', 'deploy 7']);
  assert.equal(drain!.ttlSeconds, TTL_SECONDS);
  const { lastAnswerMs = 0, cachesEmptyAtMs = 0 } = drain!;
  assert.equal(cachesEmptyAtMs, lastAnswerMs + TTL_SECONDS * 1_000);
  assert.ok(lastAnswerMs >= euAGivenAfterMs, 'the last answer that was seen is counted');
  assert.ok(lastAnswerMs <= roundBeganMs, 'and none was given since they lack it');
  assert.ok(endedMs >= cachesEmptyAtMs, 'it waited for the caches');
  assert.ok(!(await euAddresses()).has(EU_A));

  const status = await run('status');
  assert.match(status.out, /eu-a +drain .*drained by ci until \S+: deploy 7/);
  const overrides = await run('overrides');
  assert.match(overrides.out, new RegExp(`${override.id} +eu-a +drain +eu-a .* ci +human +deploy 7`));
  const explained = await run('explain', 'go.example.net', '--client', '81.2.69.0/24');
  assert.match(explained.out, /- eu-a weight 80 drain +drained by ci.*; otherwise up: /);

  assert.equal((await run('obey', 'eu-a', '--reason', 'done')).code, 0);
  await eventually(euAddresses, (seen) => seen.has(EU_A), { deadlineMs: 10_000 });
  await signpost.waitForLine(/override +eu-a +obey -> drain until \S+ +began by ci: deploy 7/);
  await signpost.waitForLine(/override +eu-a +drain -> obey +lifted by .*: done/);
});

test('without --json the last line is the proof, for each target', async () => {
  const { code, out } = await run('drain', 'site/fra', '--reason', 'x', '--for', '1m', '--wait');
  assert.equal(code, 0, out);
  const proof = /^eu-[ab] +empty +last answer given at \S+Z, caches empty at \S+Z \(TTL \d+ s\)$/;
  assert.equal(out.split('\n').filter((line) => proof.test(line)).length, 2, out);
  assert.equal((await run('obey', 'site/fra', '--reason', 'done')).code, 0);
});

test('what still has to answer is told, and waiting ends with 1 when its time is over', async () => {
  const limits = ['--for', '1m', '--wait', '--timeout', '2s'];
  const { code, out, problems } = await run('drain', '*', '--reason', 'x', ...limits);
  assert.equal(code, 1);
  const still =
    /^unhealthy +go\.example\.net \(rule 1 of policy \S+\): no pool is healthy now, so fail_open: answered with eu-a, eu-b$/m;
  assert.match(out, still);
  assert.match((await run('status')).out, still);
  assert.match(problems, /timed out: eu-a: \S+ answers with it still: every pool of policy .* is down/);
  assert.equal((await euAddresses()).size > 0, true, 'never empty');
  const narrow = await run('obey', 'eu-a', '--reason', 'x');
  assert.equal(narrow.code, 1);
  assert.match(narrow.problems, /eu-a is overridden still/);
  assert.equal((await run('obey', '*', '--reason', 'x')).code, 0);
});

test('mistakes: a match that hits nothing is 1 with a hint, a missing flag is 2', async () => {
  const wrong = await run('down', 'us-b', '--reason', 'x', '--for', '1m');
  assert.deepEqual(
    [wrong.code, wrong.problems],
    [1, 'signpost: "us-b" matches no target; did you mean "us-a"?'],
  );
  assert.equal((await run('up', 'eu-a', '--reason', 'x')).code, 2);
  assert.equal((await run('up', 'eu-a', '--reason', 'x', '--for', 'ever')).code, 2);
  assert.equal((await run('obey', 'eu-a', '--reason', 'nothing is there')).code, 0);
});
