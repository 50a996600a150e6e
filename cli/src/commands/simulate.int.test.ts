/** The command as a process: what it prints and writes, and how it exits. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { startSignpost } from '@signpost/testkit/start-process';

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signpost-'));
});
after(() => rm(directory, { recursive: true }));

async function run(...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const command = await startSignpost(['simulate', ...args]);
  const code = await command.waitForEnd();
  return { code, stdout: command.stdout.join('\n'), stderr: command.stderr.join('\n') };
}

async function file(name: string, content: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
}

test('a run says what happened, how fast traffic left and where it went, and draws it', async () => {
  const scenario = await file('kill.yaml', 'events: [{ at: 1m, kill: pool/us }]');
  const plot = join(directory, 'kill.svg');
  const args = ['--scenario', scenario, '--for', '4m', '--resolvers', '200', '--plot', plot];
  const { code, stdout, stderr } = await run('signpost.example.yaml', ...args);
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^go\.example\.net A by policy global-redirect: 200 resolvers, .*; 4:00, seed 1$/m);
  assert.match(stdout, /^1:00 +kill pool\/us$/m);
  assert.match(stdout, /^kill pool\/us +\d+\.\d % +.* \d+\.0 s +\d+\.0 s +\d+$/m);
  assert.match(await readFile(plot, 'utf8'), /^<svg [\s\S]*kill pool\/us[\s\S]*<\/svg>\n$/);
});

test('JSON has every second of every target, and clients come from a file', async () => {
  const clients = await file('clients.csv', '81.2.69.0/24,10,GB\n1.1.1.0/24,30,AU\n');
  const { code, stdout } = await run('signpost.example.yaml', '--clients', clients, '--for', '1m', '--json');
  assert.equal(code, 0);
  const result = JSON.parse(stdout) as {
    resolvers: number;
    largestShare: number;
    targets: { target: string; requests: number[] }[];
  };
  assert.deepEqual([result.resolvers, result.largestShare], [2, 0.75]);
  const asia = result.targets.find(({ target }) => target === 'ap-a')!.requests;
  assert.equal(asia.length, 60);
  const rate = asia.reduce((sum, count) => sum + count, 0) / 60;
  assert.ok(Math.abs(rate - 750) < 10, String(rate));
});

test('mistakes of all files are told at once, with exit code 2', async () => {
  const scenario = await file('wrong.yaml', 'events:\n  - { at: 1m, kill: eu-x }\n');
  const clients = await file('wrong.csv', 'nowhere\n');
  const args = ['--scenario', scenario, '--clients', clients, '--name', 'mail.example.net'];
  const { code, stderr } = await run('signpost.example.yaml', ...args);
  assert.equal(code, 2);
  assert.deepEqual(stderr.split('\n'), [
    `${scenario}:2:21 "eu-x" matches no target; did you mean "eu-a"?`,
    `${clients}:1: "nowhere" is no prefix; write an address, a slash and a length, such as 192.0.2.0/24`,
    'signpost.example.yaml: no record that steers stands at mail.example.net; names that do: go.example.net, dr.example.net, beta.example.net',
  ]);
  assert.equal((await run('signpost.example.yaml', '--clients', clients, '--resolvers', '5')).code, 2);
  assert.equal((await run('signpost.example.yaml', '--start', 'tomorrow')).code, 2);
});

test('events beyond the end are a mistake, not something that silently never happens', async () => {
  const scenario = await file('late.yaml', 'events: [{ at: 40m, kill: eu-a }]');
  const { code, stderr } = await run('signpost.example.yaml', '--scenario', scenario);
  assert.equal(code, 2);
  assert.equal(
    stderr,
    `${scenario}: 1 of its events come after the end, the last one at 40m; write a longer --for`,
  );
});
