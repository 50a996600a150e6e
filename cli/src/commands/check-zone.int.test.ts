/** The command as a process: verdict, places and exit codes. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { startSignpost } from '@signpost/testkit/start-process';

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signpost-zone-'));
});
after(() => rm(directory, { recursive: true }));

async function run(
  text: string,
  origin = 'example.net',
): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const file = join(directory, 'zone.db');
  await writeFile(file, text);
  const command = await startSignpost(['check-zone', origin, file]);
  const code = await command.waitForEnd();
  return {
    code,
    stdout: command.stdout.join('\n').replaceAll(file, 'FILE'),
    stderr: command.stderr.join('\n').replaceAll(file, 'FILE'),
  };
}

const GOOD = `$TTL 1h
@ SOA ns1 dns ( 1 1h 10m 14d 30 )
  NS ns1
ns1 A 192.0.2.53
www IN 60 CNAME @
$INCLUDE more/hosts.db
`;

test('a good zone, with an included file beside it, is told how much it holds', async () => {
  await mkdir(join(directory, 'more'), { recursive: true });
  await writeFile(join(directory, 'more', 'hosts.db'), '$GENERATE 1-3 host$ A 192.0.2.$\n');
  assert.deepEqual(await run(GOOD), {
    code: 0,
    stdout: 'FILE is a good zone example.net: 7 records',
    stderr: '',
  });
});

test('every mistake is named with its place, and exit 2', async () => {
  const { code, stderr } = await run(`${GOOD}bad A 192.0.2.300\nwww TXT "beside a CNAME"\n`);
  assert.equal(code, 2);
  assert.match(stderr, /^FILE:7:7 /m);
  assert.match(stderr, /CNAME/);
});

test('what is left out is a warning, and the zone is good', async () => {
  const { code, stderr } = await run(`${GOOD}elsewhere.example.org. A 192.0.2.1\n`);
  assert.equal(code, 0);
  assert.match(stderr, /^warning: FILE:7:\d+ .*left out/);
});

test('an origin that is no name is one line and exit 2', async () => {
  const { code, stderr } = await run(GOOD, 'a..b');
  assert.equal(code, 2);
  assert.match(stderr, /^a\.\.b: /);
});
