/** The command as a process: what it prints, and how it exits. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { repositoryRoot, startSignpost } from '@signpost/testkit/start-process';

async function run(...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const command = await startSignpost(args);
  const code = await command.waitForEnd();
  return { code, stdout: command.stdout.join('\n'), stderr: command.stderr.join('\n') };
}

test('a good file is told what it holds', async () => {
  const result = await run('check', 'signpost.example.yaml');
  assert.deepEqual(result, {
    code: 0,
    stdout: 'signpost.example.yaml is good: 1 monitor, 4 targets, 3 pools, 3 policies, 1 zone',
    stderr: '',
  });
});

test('mistakes of shape and of reference are named in one run with their places', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'signpost-'));
  const file = join(directory, 'broken.yaml');
  const good = await readFile(join(repositoryRoot, 'signpost.example.yaml'), 'utf8');
  const broken = good
    .replace('interval: 1s', 'interval: 1 second')
    .replace('a: 192.0.2.10,', 'a: 192.0.2.300,')
    .replace('{ target: eu-b, weight: 20 }', '{ target: eu-z, weight: 20 }')
    .replace('geos: [AS, OC]', 'geos: [ASIA, OC]')
    .replace('go: { steer: global-redirect }', 'go: { steer: globe }');
  await writeFile(file, broken);
  const result = await run('check', file);
  await rm(directory, { recursive: true });
  assert.equal(result.code, 2);
  const places = ['1 second', '192.0.2.300', 'eu-z', 'ASIA', 'globe'].map((text) => {
    const line = broken.split('\n').findIndex((candidate) => candidate.includes(text));
    return `${file}:${line + 1}:${broken.split('\n')[line]!.indexOf(text) + 1}`;
  });
  assert.deepEqual(
    result.stderr
      .split('\n')
      .map((line) => line.split(' ')[0]!)
      .toSorted(),
    places.toSorted(),
  );
});

test('a file that is not there is one line and exit code 2', async () => {
  const result = await run('check', '/nowhere.yaml');
  assert.equal(result.code, 2);
  assert.match(
    result.stderr,
    /^\/nowhere\.yaml: there is no such file; is the path right, as seen from here\?$/,
  );
});

test('a controller that is not there is one line and exit code 1', async () => {
  const result = await run('status', '--api', 'http://127.0.0.1:9');
  assert.equal(result.code, 1);
  assert.match(
    result.stderr,
    /^signpost: no controller answers at http:\/\/127\.0\.0\.1:9 .*is it running\?$/,
  );
});

test('a wrong variable of a service is named with its remedy, and exit code 2', async () => {
  const command = await startSignpost(['authority'], {
    SIGNPOST_DNS_LISTEN: 'localhost:53',
    SIGNPOST_WORKERS: '0',
  });
  assert.equal(await command.waitForEnd(), 2);
  assert.equal(command.stderr.length, 2);
  assert.match(command.stderr.join('\n'), /SIGNPOST_DNS_LISTEN="localhost:53": write 127\.0\.0\.1:5300/);
});
