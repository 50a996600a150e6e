/** How a configuration gets in: by file, by apply; and how a broken one does not. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { eventually } from '@signpost/testkit/eventually';
import { startSignpost } from '@signpost/testkit/start-process';

import { startWholeCluster } from './cluster.ts';

let cluster: Awaited<ReturnType<typeof startWholeCluster>>;
let good: string;
before(async () => {
  cluster = await startWholeCluster(['eu']);
  good = await readFile(cluster.configFile, 'utf8');
});
after(() => cluster?.[Symbol.asyncDispose]());

const answerOf = async (name: string): Promise<string> => (await cluster.ask(name)).rcode;

async function apply(text: string): Promise<{ code: unknown; output: string }> {
  const file = `${cluster.configFile}.applied`;
  await writeFile(file, text);
  const command = await startSignpost(['apply', file], { SIGNPOST_API: cluster.apiUrl });
  return { code: await command.waitForEnd(), output: command.lines.join('\n') };
}

test('a file that changes is applied', async () => {
  await writeFile(
    cluster.configFile,
    good.replace('ns1: {', 'by-file: { type: TXT, value: hello }\n      ns1: {'),
  );
  await eventually(
    () => answerOf('by-file.example.net'),
    (rcode) => rcode === 'NOERROR',
  );
});

test('a broken file changes nothing but an error line with its place, and a metric', async () => {
  await writeFile(cluster.configFile, good.replace('try: [eu, us, ap]', 'try: [eu, mars]'));
  await cluster.controller.waitForLine(/signpost\.yaml:\d+:\d+.*mars/);
  assert.match(await cluster.metrics('controller'), /^signpost_config_errors_total 1$/m);
  assert.equal(await answerOf('by-file.example.net'), 'NOERROR');
});

test('an apply is the running configuration, and a restart does not undo it', async () => {
  await writeFile(cluster.configFile, good);
  await eventually(
    () => answerOf('by-file.example.net'),
    (rcode) => rcode === 'NXDOMAIN',
  );
  const result = await apply(good.replace('ns1: {', 'by-apply: { type: TXT, value: hello }\n      ns1: {'));
  assert.equal(result.code, 0, result.output);
  await eventually(
    () => answerOf('by-apply.example.net'),
    (rcode) => rcode === 'NOERROR',
  );
  await cluster.controller.stop();
  await cluster.startController();
  await eventually(
    () => cluster.status(),
    (status) => status.controller.leader && status.controller.converged,
    {
      deadlineMs: 20_000,
    },
  );
  assert.equal(await answerOf('by-apply.example.net'), 'NOERROR');
});

test('five mistakes of shape and reference are named in one run as FILE:line:col, and exit 2', async () => {
  const broken = good
    .replace('interval: 1s', 'interval: 1 second')
    .replace('a: 192.0.2.10,', 'a: 192.0.2.300,')
    .replace('{ target: eu-b, weight: 20 }', '{ target: eu-z, weight: 20 }')
    .replace('geos: [AS, OC]', 'geos: [ASIA, OC]')
    .replace('go: { steer: global }', 'go: { steer: globe }');
  const result = await apply(broken);
  assert.equal(result.code, 2);
  const lineOf = (text: string): number => broken.split('\n').findIndex((line) => line.includes(text)) + 1;
  for (const text of ['1 second', '192.0.2.300', 'eu-z', 'ASIA', 'globe']) {
    const column = broken.split('\n')[lineOf(text) - 1]!.indexOf(text) + 1;
    assert.ok(
      result.output.includes(`.applied:${lineOf(text)}:${column} `),
      `${text} at ${lineOf(text)}:${column}\n${result.output}`,
    );
  }
  assert.equal(result.output.trim().split('\n').length, 5, result.output);
});
