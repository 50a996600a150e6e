/** The authority over zone files, as the process its users run: no Redis, reloads by SIGHUP, bad files among good ones. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { ask } from '@signpost/testkit/dns-client';
import { eventually } from '@signpost/testkit/eventually';
import { startGuardedProcess, type GuardedProcess } from '@signpost/testkit/guarded-process';

const zone = (octet: number) => `$TTL 300
@ SOA ns1 dns 1 1h 10m 14d 30
  NS ns1
ns1 A 192.0.2.53
www A 192.0.2.${octet}
`;

interface Served {
  readonly process: GuardedProcess;
  readonly directory: string;
  /** The address of `www.<origin>`, or the response code. */
  readonly www: (origin: string) => Promise<string>;
}

/** `files` by name; `zones.list` is the list. */
async function serve(t: TestContext, files: Readonly<Record<string, string>>): Promise<Served> {
  const directory = await mkdtemp(join(tmpdir(), 'signpost-zones-'));
  t.after(() => rm(directory, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  const started = await startGuardedProcess(process.execPath, [join(import.meta.dirname, '../main.ts')], {
    env: {
      PATH: process.env['PATH'],
      SIGNPOST_ZONES: join(directory, 'zones.list'),
      SIGNPOST_DNS_LISTEN: '127.0.0.1:0',
      SIGNPOST_ADMIN_LISTEN: '127.0.0.1:0',
      SIGNPOST_WORKERS: '2',
      SIGNPOST_LAMEDUCK: '0s',
    },
  });
  t.after(() => started.stop());
  const [, port] = await started.waitForLine(/"listens":\["127\.0\.0\.1:(\d+)"\]/, 30_000);
  const www = async (origin: string) => {
    const question = { server: '127.0.0.1', port: Number(port), name: `www.${origin}`, type: 'A' };
    const { rcode, answers } = await ask(question);
    return answers.length === 0 ? rcode : String((answers[0] as { data: unknown }).data);
  };
  return { process: started, directory, www };
}

test('good zones are served beside a bad one, which is told with file, line, column and reason', async (t) => {
  const { process, directory, www } = await serve(t, {
    'zones.list': 'good.example\tgood.zone\nbad.example\tbad.zone\ngone.example\tgone.zone\n',
    'good.zone': zone(1),
    'bad.zone': zone(2).replace('192.0.2.2', '192.0.2'),
  });
  assert.equal(await www('good.example'), '192.0.2.1');
  assert.equal(await www('bad.example'), 'REFUSED');
  await process.waitForLine(new RegExp(`${directory}/bad\\.zone:5:7 A: .*is not an IPv4 address`));
  await process.waitForLine(/ENOENT.*gone\.zone/);
  assert.equal(await process.stop(), 0);
});

test('SIGHUP: changes and new zones appear, zones that left go, a broken file keeps the old zone', async (t) => {
  const { process, directory, www } = await serve(t, {
    'zones.list': 'a.example\ta.zone\nb.example\tb.zone\nc.example\tc.zone\n',
    'a.zone': zone(1),
    'b.zone': zone(2),
    'c.zone': zone(3),
    'd.zone': zone(4),
  });
  assert.equal(await www('b.example'), '192.0.2.2');
  await writeFile(join(directory, 'zones.list'), 'a.example\ta.zone\nb.example\tb.zone\nd.example\td.zone\n');
  await writeFile(join(directory, 'a.zone'), zone(11));
  await writeFile(join(directory, 'b.zone'), `${zone(12)}www CNAME a\n`);
  process.signal('SIGHUP');
  await eventually(async () => (await www('a.example')) === '192.0.2.11');
  assert.equal(await www('b.example'), '192.0.2.2');
  assert.equal(await www('c.example'), 'REFUSED');
  assert.equal(await www('d.example'), '192.0.2.4');
  await process.waitForLine(/b\.zone:6:\d+ .*has a CNAME in line 6.*stays as it was/);
  await rm(join(directory, 'zones.list'));
  process.signal('SIGHUP');
  await process.waitForLine(/zones\.list cannot be read: all zones stay as they were/);
  assert.equal(await www('a.example'), '192.0.2.11');
});

test('three thousand zones are served, and none is, too', async (t) => {
  const origins = Array.from({ length: 3_000 }, (_, i) => `z${i}.example`);
  const { www } = await serve(t, {
    'zones.list': origins.map((origin) => `${origin}\tone.zone\n`).join(''),
    'one.zone': zone(7),
  });
  for (const origin of [origins[0]!, origins[1_499]!, origins[2_999]!]) {
    assert.equal(await www(origin), '192.0.2.7');
  }
  const { www: nothing } = await serve(t, { 'zones.list': '' });
  assert.equal(await nothing('z1.example'), 'REFUSED');
});
