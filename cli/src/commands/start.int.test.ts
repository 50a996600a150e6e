/** How `signpost start` takes its configuration file: refused at once and in plain text, or served, whatever its vantage is called. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { eventually } from '@signpost/testkit/eventually';
import { freePort } from '@signpost/testkit/free-port';
import { startSignpost, type SignpostProcess } from '@signpost/testkit/start-process';
import { startTarget } from '@signpost/testkit/start-target';

const LOCAL = {
  SIGNPOST_API_LISTEN: '127.0.0.1:0',
  SIGNPOST_ADMIN_LISTEN: '127.0.0.1:0',
  SIGNPOST_DNS_LISTEN: '127.0.0.1:0',
};

const withVantages = (vantages: string, port: number): string => `apiVersion: signpost/v1
vantages: ${vantages}
monitors: { web: { type: http, url: { scheme: http, host: example.net, path: / }, interval: 1s, timeout: 500ms, rise: 1 } }
targets: { a: { a: 192.0.2.1, check: { address: 127.0.0.1, port: ${port} } } }
pools: { p: { monitor: web, members: [{ target: a }] } }
policies: { all: { rules: [{ try: [p] }] } }
zones:
  example.net:
    soa: { primary: ns1.example.net., contact: dns.example.net. }
    ns: [ns1.example.net.]
    records: { ns1: { type: A, value: 192.0.2.53 }, www: { steer: all } }
`;

async function startWith(open: AsyncDisposableStack, yaml: string, env: Record<string, string> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'signpost-start-'));
  open.defer(() => rm(directory, { recursive: true }));
  const file = join(directory, 'signpost.yaml');
  await writeFile(file, yaml);
  const signpost = open.use(await startSignpost(['start', '--config', file], { ...LOCAL, ...env }));
  return { file, signpost };
}

async function refusal(signpost: SignpostProcess): Promise<string> {
  assert.equal(await signpost.waitForEnd(), 2);
  assert.deepEqual(signpost.stdout, []);
  assert.equal(signpost.stderr.length, 1, signpost.stderr.join('\n'));
  return signpost.stderr[0]!;
}

test('a configuration that is not there, or wrong, ends it at once with exit code 2, as check tells it', async () => {
  await using open = new AsyncDisposableStack();
  const missing = open.use(await startSignpost(['start', '--config', '/nowhere.yaml'], LOCAL));
  assert.match(await refusal(missing), /^\/nowhere\.yaml: there is no such file/);
  const wrong = withVantages('{ local: {} }', 1).replace('192.0.2.1,', '192.0.2.300,');
  const { file, signpost } = await startWith(open, wrong);
  assert.ok((await refusal(signpost)).startsWith(`${file}:4:20 `));
});

test('several vantages of which none is local are refused, naming what to write', async () => {
  await using open = new AsyncDisposableStack();
  const { file, signpost } = await startWith(open, withVantages('{ frankfurt: {}, tokyo: {} }', 1));
  assert.match(await refusal(signpost), new RegExp(`${file}: .*frankfurt, tokyo.*write "local: {}"`));
});

test('the only vantage is the one it checks from; what goes wrong later is told in lines for a person', async () => {
  await using open = new AsyncDisposableStack();
  const target = open.use(await startTarget());
  const { file, signpost } = await startWith(open, withVantages('{ frankfurt: {} }', target.port));
  await signpost.waitForLine(/web\/a.*-> up .*\(frankfurt\)/, 30_000);

  await writeFile(file, withVantages('{ frankfurt: {}, frankfurt: {} }', target.port));
  await signpost.waitForLine(
    /^\d\d:\d\d:\d\d\.\d{3} {2}error {4}configuration file refused, nothing changes: /,
  );
  await writeFile(file, withVantages('{ tokyo: {} }', target.port));
  await signpost.waitForLine(/ {2}warn {5}nothing is checked any more: .*frankfurt/);
  assert.equal(await signpost.stop(), 0);
});

test('an address that is taken ends all of it, in one line and with exit code 1', async () => {
  await using open = new AsyncDisposableStack();
  const other = createServer().listen(0, '127.0.0.1');
  open.defer(() => void other.close());
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const { signpost } = await startWith(open, withVantages('{ local: {} }', 1), {
    SIGNPOST_API_LISTEN: `127.0.0.1:${port}`,
  });
  assert.equal(await signpost.waitForEnd(), 1);
  assert.equal(signpost.stderr.length, 1, signpost.stderr.join('\n'));
  assert.match(signpost.stderr[0]!, /^failed: cannot listen on .* \(SIGNPOST_API_LISTEN\)/);
});

test('apply says what it takes away, and that the file that is followed will replace it, unless it is that one', async () => {
  await using open = new AsyncDisposableStack();
  const port = await freePort();
  const yaml = withVantages('{ local: {} }', 1);
  const { file, signpost } = await startWith(open, yaml, { SIGNPOST_API_LISTEN: `127.0.0.1:${port}` });
  await signpost.waitForLine(/config +revision/, 30_000);
  const other = `${file}.other`;
  await writeFile(other, yaml.replace('example.net:', 'example.org:'));
  const apply = async (path: string) => {
    await using command = await startSignpost(['apply', path, '--api', `http://127.0.0.1:${port}`]);
    assert.equal(await command.waitForEnd(), 0);
    return command;
  };
  const applied = await apply(other);
  assert.match(
    applied.stdout[0]!,
    /applied as revision \d+: takes away 1 zone \(example\.net\); adds 1 zone$/,
  );
  assert.equal(applied.stderr.length, 1);
  assert.ok(applied.stderr[0]!.startsWith(`warning: the controller follows ${file}: `), applied.stderr[0]);
  assert.deepEqual((await apply(file)).stderr, []);
});

test('it runs on when nobody reads what it prints any more, on neither stream', async () => {
  await using open = new AsyncDisposableStack();
  const port = await freePort();
  const yaml = withVantages('{ local: {} }', 1);
  const { file, signpost } = await startWith(open, yaml, { SIGNPOST_ADMIN_LISTEN: `127.0.0.1:${port}` });
  await signpost.waitForLine(/config +revision/, 30_000);
  signpost.closeOutput();
  const refused = async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return Number(/^signpost_config_errors_total\S* (\d+)/m.exec(metrics)?.[1] ?? 0);
  };
  for (const count of [1, 2]) {
    await writeFile(file, withVantages('{ local: {} }', 1 + count)); // an event, on stdout
    await writeFile(file, `nonsense ${count}`); // a log line, on stderr
    await eventually(refused, (value) => value >= count, { deadlineMs: 15_000 });
  }
  assert.equal(await signpost.stop(15_000), 0);
});
