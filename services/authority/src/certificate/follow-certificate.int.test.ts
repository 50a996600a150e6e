/** Certificates that change on disk, well and badly, while clients ask over TLS. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';

import { eventually } from '@signpost/testkit/eventually';
import { makeTestCertificates } from '@signpost/testkit/test-certificates';

import { LOOPBACK, type RunningAuthority, startAuthority } from '../testing/running-authority.ts';
import { answered } from '../testing/stream-listener.ts';
import { readCertificate } from './read-certificate.ts';

async function start(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'signpost-tls-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const files = { cert: join(directory, 'cert.pem'), key: join(directory, 'key.pem') };
  const first = makeTestCertificates();
  await writeFile(files.cert, first.cert);
  await writeFile(files.key, first.key);
  const certificate = readCertificate(files, (path) => readFileSync(path, 'utf8'));
  assert.ok(certificate.kind === 'certificate');
  const tls = { endpoints: [LOOPBACK], files, certificate };
  return { files, first, authority: await startAuthority(t, { tls, certificatePollMs: 20 }) };
}

/** After the handshake with a server that shows a certificate of `ca`. */
async function dial(t: TestContext, { tls }: RunningAuthority, ca: string): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port: tls[0]!.port, ca, ALPNProtocols: ['dot'] });
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

const failures = async (authority: RunningAuthority) =>
  Number(/^signpost_tls_reload_failures_total (\d+)/m.exec(await authority.metrics())?.[1] ?? 0);
const remaining = async (authority: RunningAuthority) =>
  Number(/^signpost_tls_certificate_remaining_seconds (-?\d+)/m.exec(await authority.metrics())?.[1]);

test('a new pair is shown by every worker, and connections that are open go on', async (t) => {
  const { files, first, authority } = await start(t);
  const old = await dial(t, authority, first.ca);
  await answered(old);
  assert.ok(Math.abs((await remaining(authority)) - 86_400) < 60);
  const second = makeTestCertificates({ notAfter: new Date(Date.now() + 10 * 86_400_000) });
  // Nobody looks in between.
  writeFileSync(files.cert, second.cert);
  writeFileSync(files.key, second.key);
  await eventually(() =>
    dial(t, authority, second.ca).then(
      () => true,
      () => false,
    ),
  );
  for (let i = 0; i < 20; i += 1) await answered(await dial(t, authority, second.ca)); // of either worker
  await answered(old);
  assert.ok(Math.abs((await remaining(authority)) - 864_000) < 60);
  assert.equal(await failures(authority), 0);
  assert.match(
    await authority.metrics(),
    /signpost_dns_requests_total\{proto="tls",family="1",type="A"\} 22\n/,
  );
});

test('a pair that does not fit together is told once, and the old one stays until it is mended', async (t) => {
  const { files, first, authority } = await start(t);
  const second = makeTestCertificates();
  await writeFile(files.cert, second.cert);
  await eventually(async () => (await failures(authority)) === 1);
  await answered(await dial(t, authority, first.ca));
  await rm(files.key);
  await eventually(async () => (await failures(authority)) === 2);
  await answered(await dial(t, authority, first.ca));
  await writeFile(files.key, second.key);
  await eventually(() =>
    dial(t, authority, second.ca).then(
      () => true,
      () => false,
    ),
  );
  assert.equal(await failures(authority), 2);
});
