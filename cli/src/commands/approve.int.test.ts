/** `signpost approve` as a process, before an API that says what the contract says. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';

import { viewHold, type Hold } from '@signpost/contracts/guard';
import { startSignpost } from '@signpost/testkit/start-process';

const holdOf = (id: string): Hold => ({
  id,
  policy: 'global',
  cause: 'configuration',
  targets: ['eu-a'],
  removed: 0.5,
  why: 'too much',
  sinceMs: Date.now(),
});

/** Holds what the ids name, and forgets what is approved. */
async function startGuards(...ids: string[]) {
  const holds = new Map(ids.map((id) => [id, holdOf(id)]));
  const approvals: unknown[] = [];
  const server = createServer((request, response) => {
    const reply = (body: unknown) => response.end(JSON.stringify(body));
    if (request.method === 'GET') {
      reply({ holds: [...holds.values()].map(viewHold) });
      return;
    }
    const id = request.url!.split('/').at(-2)!;
    const hold = holds.get(id)!;
    holds.delete(id);
    request.on('data', (octets: Buffer) => approvals.push(JSON.parse(octets.toString())));
    request.on('end', () => reply(viewHold(hold)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    approvals,
    holds,
    api: `http://127.0.0.1:${port}`,
    [Symbol.dispose]: () => void server.close(),
  };
}

const approve = (api: string, ...args: string[]) =>
  startSignpost(['approve', ...args, '--api', api, '--reason', 'meant', '--by', 'ops']);

test('without an id the only hold is approved, by name and with a reason', async () => {
  using guards = await startGuards('global-r7');
  await using command = await approve(guards.api);
  assert.equal(await command.waitForEnd(), 0);
  assert.match(
    command.stdout.join('\n'),
    /^approved {2}global-r7 {2}50 % of global \(eu-a\) by configuration/,
  );
  assert.deepEqual(guards.approvals, [{ by: 'ops', reason: 'meant' }]);
});

test('of several one must be named, or all', async () => {
  using guards = await startGuards('global-r7', 'other-r7');
  await using unnamed = await approve(guards.api);
  assert.equal(await unnamed.waitForEnd(), 1);
  assert.match(unnamed.stderr.join('\n'), /2 removals are held; name one, or write --all:\n +global-r7 /);
  assert.deepEqual(guards.approvals, []);
  await using named = await approve(guards.api, 'other-r7');
  assert.equal(await named.waitForEnd(), 0);
  assert.deepEqual([...guards.holds.keys()], ['global-r7']);
  await using all = await approve(guards.api, '--all', '--json');
  assert.equal(await all.waitForEnd(), 0);
  assert.equal(guards.holds.size, 0);
  const printed = JSON.parse(all.stdout.join('\n')) as { approved: { id: string }[] };
  assert.deepEqual(
    printed.approved.map(({ id }) => id),
    ['global-r7'],
  );
});
