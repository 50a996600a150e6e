/** The command line as a process: whatever is wrong with it is one clear line, never a stack trace. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';

import { freePort } from '@signpost/testkit/free-port';
import { startGuardedProcess } from '@signpost/testkit/guarded-process';
import { repositoryRoot, startSignpost } from '@signpost/testkit/start-process';

const WRONG: readonly (readonly [string, ...string[]])[] = [
  ['--port', 'query', 'a.example', '--port', 'abc'],
  ['--port', 'query', 'a.example', '--port', '65536'],
  ['--timeout', 'query', 'a.example', '--timeout', 'soon'],
  ['--timeout', 'query', 'a.example', '--timeout', '500'],
  ['--timeout', 'query', 'a.example', '--timeout', '2h'],
  ['--at', 'explain', 'a.example', '--client', '192.0.2.1', '--at', '10 o clock'],
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

test('an admin address in place of the API is told from it, with where the API is', async () => {
  const server = createServer((_request, response) => {
    response.statusCode = 404;
    response.end('no such page\n');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const api = `http://127.0.0.1:${port}`;
  await using command = await startSignpost(['status', '--api', api]);
  assert.equal(await command.waitForEnd(), 1);
  const told = `signpost: ${api} answers (404), but it is no controller's API: --api or SIGNPOST_API says where that is, by default http://127.0.0.1:8080`;
  assert.deepEqual(command.stderr, [told]);
  server.close();
});

test('a query to nobody names the address, the port and what to do, exit code 1', async () => {
  const port = await freePort();
  for (const transport of [[], ['--tcp']]) {
    await using command = await startSignpost(['query', 'a.example', '--port', String(port), ...transport]);
    assert.equal(await command.waitForEnd(), 1);
    assert.equal(command.stderr.length, 1, command.stderr.join('\n'));
    assert.match(
      command.stderr[0]!,
      new RegExp(`^signpost: .* 127\\.0\\.0\\.1, port ${port} .*--server and --port`),
    );
  }
});

test('help shows defaults as people write them, and what is required', async () => {
  const helpOf = async (command: string): Promise<string> => {
    await using help = await startSignpost([command, '--help']);
    assert.equal(await help.waitForEnd(), 0);
    return help.stdout.join(' ').replaceAll(/ +/g, ' ');
  };
  const simulate = await helpOf('simulate');
  assert.match(simulate, /--for <duration> .*?\(default: 30m\)/);
  assert.match(simulate, /--start <time> .*?\(default: 2026-01-05T12:00:00Z\)/);
  assert.match(await helpOf('query'), /--timeout <duration> .*?\(default: 2s\)/);
  const drain = await helpOf('drain');
  assert.match(drain, /--timeout <duration> .*?\(default: 15m\)/);
  for (const flag of ['--reason <text>', '--for <duration>'])
    assert.match(drain, new RegExp(`${flag} [^(]*\\(required\\)`));
  assert.match(await helpOf('obey'), /--reason <text> [^(]*\(required\)/);
  assert.match(await helpOf('explain'), /--client <address> [^(]*\(required\)/);
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
