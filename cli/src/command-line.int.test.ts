/** The command line as a process: whatever is wrong with it is one clear line, never a stack trace. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';

import { startGuardedProcess } from '@signpost/testkit/guarded-process';
import { repositoryRoot, startSignpost } from '@signpost/testkit/start-process';

const WRONG: readonly (readonly [string, ...string[]])[] = [
  ['--port', 'query', 'a.example', '--port', 'abc'],
  ['--port', 'query', 'a.example', '--port', '65536'],
  ['--timeout', 'query', 'a.example', '--timeout', 'soon'],
  ['--server', 'query', 'a.example', '--server', 'localhost'],
  ['--subnet', 'query', 'a.example', '--subnet', '1.2.3.0/'],
  ['--subnet', 'query', 'a.example', '--subnet', '1.2.3.0/24/7'],
  ['--subnet', 'query', 'a.example', '--subnet', '1.2.3.0/33'],
  ['type', 'query', 'a.example', 'NONSENSE'],
  ['name', 'query', 'a..example'],
  ['--client', 'explain', 'a.example', '--client', 'me'],
  ['--api', 'status', '--api', 'controller'],
  ['--listen', 'demo-target', '--listen', 'here'],
  ['--listen', 'demo-target', '--listen', '127.0.0.1:99999'],
  ['--bogus', 'status', '--bogus'],
  ['bogus', 'bogus'],
];

test('a wrong flag, argument or command is one line that names it, and exit code 2', async () => {
  for (const [named, ...args] of WRONG) {
    await using command = await startSignpost(args);
    assert.equal(await command.waitForEnd(), 2, args.join(' '));
    assert.equal(command.stderr.length, 1, command.stderr.join('\n'));
    assert.match(command.stderr[0]!, /^error: /);
    assert.ok(command.stderr[0]!.includes(named), command.stderr[0]);
  }
});

test('a token file that is not there is one line and exit code 1', async () => {
  await using command = await startSignpost(['status'], { SIGNPOST_API_TOKEN_FILE: '/nowhere' });
  assert.equal(await command.waitForEnd(), 1);
  assert.equal(command.stderr.length, 1);
  assert.match(command.stderr[0]!, /^signpost: SIGNPOST_API_TOKEN_FILE="\/nowhere": /);
});

test('a web server that is no controller is one line and exit code 1', async () => {
  const server = createServer((_request, response) => response.end('<html>')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await using command = await startSignpost(['status', '--api', `http://127.0.0.1:${port}`]);
  assert.equal(await command.waitForEnd(), 1);
  assert.equal(command.stderr.length, 1, command.stderr.join('\n'));
  assert.match(command.stderr[0]!, /no controller/);
  server.close();
});

test('a reader that has seen enough ends the command quietly', async () => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const timer = setInterval(() => response.write('data: {}\n\n'), 10);
    response.on('close', () => clearInterval(timer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const command = await startGuardedProcess(
    'bash',
    [
      '-c',
      `"${process.execPath}" cli/bin/signpost.js events --json --api http://127.0.0.1:${port} | head -1; echo "end \${PIPESTATUS[0]}"`,
    ],
    { cwd: repositoryRoot },
  );
  await command.waitForEnd();
  assert.deepEqual(command.stdout, ['{}', 'end 0']);
  assert.deepEqual(command.stderr, ['signpost: following health and record events']);
  server.closeAllConnections();
  server.close();
});
