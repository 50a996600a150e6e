/** Hosts elsewhere, looked up at a name server of the test, on their way into the store: aliases and flattened targets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type NameServerHosts, startNameServer } from '@signpost/testkit/start-name-server';

import { startWorld } from '../testing/start-world.ts';

const YAML = `
apiVersion: signpost/v1
targets: { cdn: { cname: edge.example.org. }, a: { a: 192.0.2.1 } }
pools: { cdn: { members: [ { target: cdn } ] }, a: { members: [ { target: a } ] } }
policies: { cdn: { rules: [ { try: [cdn, a] } ] } }
zones:
  example.net:
    soa: { primary: ns1.example.net., contact: dns.example.net. }
    ns: [ns1.example.net.]
    records:
      "@": { steer: cdn }
      host: { alias: www.example.org. }
`;

test('hosts elsewhere are resolved, published, followed, and never emptied by a failure or a change of leaders', async () => {
  const zone: NameServerHosts = {
    'edge.example.org': { a: ['192.0.2.201'], aaaa: ['2001:db8::201'] },
    'www.example.org': { a: ['192.0.2.211', '192.0.2.210'] },
  };
  await using names = await startNameServer(zone);
  await using world = await startWorld();
  const settings = { resolvers: [names.server] };
  const first = await world.start({ yaml: YAML, settings });
  const holds = (owner: string, text: string, type = 'A') =>
    world.until(
      () => world.answers(owner, type),
      (stored) => stored.includes(text),
      `${owner} ${type} has ${text}`,
    );
  const rdata = async () =>
    JSON.parse(await world.answers('host.example.net')) as { ttl: number; rdata: string[] };

  await holds('example.net', '192.0.2.201');
  await holds('example.net', '2001:db8::201', 'AAAA');
  await holds('host.example.net', '192.0.2.210');
  assert.deepEqual(await rdata(), { kind: 'static', ttl: 20, rdata: ['192.0.2.210', '192.0.2.211'] });
  assert.equal(await world.answers('host.example.net', 'AAAA'), '', 'never an empty RRset');

  zone['www.example.org'] = { a: ['192.0.2.219'] };
  await holds('host.example.net', '192.0.2.219');

  zone['www.example.org'] = { rcode: 2 };
  zone['edge.example.org'] = { rcode: 2 };
  await world.until(
    () => first.metrics(),
    (text) => /signpost_resolved_hosts\{state="failing"\} 2/.test(text),
  );
  assert.deepEqual(
    (await first.status()).hosts.toSorted((a, b) => (a.host < b.host ? -1 : 1)),
    [
      {
        host: 'edge.example.org',
        addresses: ['192.0.2.201', '2001:db8::201'],
        failing: 'the resolver answered SERVFAIL',
      },
      { host: 'www.example.org', addresses: ['192.0.2.219'], failing: 'the resolver answered SERVFAIL' },
    ],
  );
  assert.match(await world.answers('host.example.net'), /192\.0\.2\.219/);
  assert.match(await world.answers('example.net'), /192\.0\.2\.201/);
  const told = first.log.filter(({ message }) => message.startsWith('a host cannot be resolved'));
  await world.pass(30_000);
  assert.equal(told.length, 2, 'once each');

  // Another controller takes over while nothing can be resolved.
  const second = await world.start({ settings });
  await first.stop();
  await world.until(
    () => second.status(),
    ({ controller }) => controller.leader && controller.converged,
  );
  await world.pass(10_000);
  assert.match(await world.answers('host.example.net'), /192\.0\.2\.219/);
  assert.match(await world.answers('example.net'), /192\.0\.2\.201/);

  const before = names.asked.filter((question) => question === 'www.example.org A').length;
  delete zone['www.example.org'];
  await world.until(
    () => world.answers('host.example.net'),
    (stored) => stored === '',
  );
  const after = names.asked.filter((question) => question === 'www.example.org A').length;
  assert.ok(after - before >= 2, 'NXDOMAIN was asked for twice');
  zone['www.example.org'] = { a: ['192.0.2.220'] };
  zone['edge.example.org'] = { a: ['192.0.2.202'] };
  await holds('host.example.net', '192.0.2.220');
  await holds('example.net', '192.0.2.202');
});

const SIGNED = YAML.replace('"@": { steer: cdn }', 'go: { steer: cdn, affinity_names: true }');

test('affinity names need a secret, and are listed with the token of the API', async () => {
  await using world = await startWorld();
  const without = await world.start();
  const refused = await fetch(`${without.url}/api/v1/configuration?file=x.yaml`, {
    method: 'PUT',
    headers: { 'content-type': 'application/yaml' },
    body: SIGNED,
  });
  assert.equal(refused.status, 422);
  const { mistakes } = (await refused.json()) as {
    mistakes: { line: number; path: string; message: string }[];
  };
  assert.match(mistakes[0]!.message, /set SIGNPOST_AFFINITY_SECRET/);
  assert.deepEqual(
    [mistakes[0]!.line, mistakes[0]!.path],
    [11, 'zones["example.net"].records.go.affinity_names'],
  );
  await without.stop();

  const settings = { affinitySecrets: ['a secret of the test', 'the one before it'] };
  const token = 'token';
  const controller = await world.start({ yaml: SIGNED, settings, token });
  const get = (path: string) =>
    fetch(`${controller.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const path = '/api/v1/affinity-names?owner=go.example.net';
  assert.equal((await fetch(`${controller.url}${path}`)).status, 401);
  await world.until(
    () => get(path),
    ({ status }) => status === 200,
  );
  const list = (await (await get(path)).json()) as { targets: { target: string; names: string[] }[] };
  assert.deepEqual(
    list.targets.map(({ target, names }) => [target, names.length]),
    [
      ['cdn', 2],
      ['a', 2],
    ],
  );
  const [name] = list.targets[1]!.names;
  await world.until(
    () => world.answers(name!),
    (stored) => stored.includes('192.0.2.1'),
  );
  const why = await get(`/api/v1/explain?name=${name}&client=192.0.2.7`);
  assert.equal(((await why.json()) as { pin: string }).pin, 'pinned to a while it serves, by pool a');
  assert.equal((await get('/api/v1/affinity-names?owner=host.example.net')).status, 404);
});
