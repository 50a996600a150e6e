/** The load generator tells right answers from wrong ones, each kind of them by its name. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { seededDraw } from '@signpost/testkit/seeded-draw';
import { findOnPath } from '@signpost/testkit/server-source';

import { compileNative } from '../peers/compile-native.ts';
import { encodeQueryFile } from '../peers/query-file.ts';

const run = promisify(execFile);
const skip = findOnPath('cc', process.env) === undefined ? 'install gcc: there is no compiler here' : false;
let directory = '';
let program = '';

before(async () => {
  if (skip !== false) return;
  directory = await mkdtemp(join(tmpdir(), 'signpost-load-'));
  program = await compileNative('dns-load', directory);
  const clients = [{ subnet: '198.51.100.0/24', region: 'EU' } as const];
  await writeFile(join(directory, 'queries'), encodeQueryFile({ kind: 'plain', clients }, seededDraw(1)));
});
after(() => rm(directory, { recursive: true, force: true }));

/** Loads a server that makes its response of each query, until some answers are in. */
async function load(respond: (query: Buffer) => Buffer, flags: string[] = []) {
  const socket = createSocket('udp4');
  socket.on('message', (query, peer) => socket.send(respond(query), peer.port, peer.address));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const server = `127.0.0.1:${socket.address().port}`;
  const queries = join(directory, 'queries');
  const args = ['--server', server, '--queries', queries, '--seconds', '0.3', '--window', '4', ...flags];
  try {
    const { stdout } = await run(program, args, { timeout: 60_000 });
    const { received, right, wrong } = JSON.parse(stdout) as LoadCounts;
    assert.ok(received > 0);
    return { received, right, wrong };
  } finally {
    socket.close();
  }
}

interface LoadCounts {
  readonly received: number;
  readonly right: number;
  readonly wrong: Readonly<Record<string, number>>;
}

const OPT_LENGTH = 11 + 4 + 7;

/** As a right server answers: `192.0.2.10`, and the option with scope 20. */
function answer(query: Buffer, address = [192, 0, 2, 10]): Buffer {
  const head = Buffer.from(query.subarray(0, query.length - OPT_LENGTH));
  head[2] = 0x84;
  head.writeUInt16BE(1, 6);
  const opt = Buffer.from(query.subarray(-OPT_LENGTH));
  opt[OPT_LENGTH - 4] = 20;
  return Buffer.concat([head, Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address]), opt]);
}

function changed(response: Buffer, at: number, octet: number): Buffer {
  response[at < 0 ? response.length + at : at] = octet;
  return response;
}

test('right answers are right', { skip }, async () => {
  const { received, right } = await load((query) => answer(query));
  assert.equal(right, received);
});

const WRONG: Readonly<Record<string, (query: Buffer) => Buffer>> = {
  other_address: (query) => answer(query, [192, 0, 2, 20]),
  other_rcode: (query) => changed(answer(query), 3, 3),
  other_question: (query) => changed(answer(query), 13, 0x7a),
  no_subnet: (query) => changed(answer(query), -1, 99),
  malformed: (query) => Buffer.concat([answer(query), Buffer.alloc(1)]),
};

for (const [name, respond] of Object.entries(WRONG)) {
  test(`${name} is told`, { skip }, async () => {
    const { received, right, wrong } = await load(respond);
    assert.equal(right, 0);
    assert.equal(wrong[name], received);
  });
}

test('a server that is to repeat queries must', { skip }, async () => {
  assert.equal((await load((query) => query, ['--echo'])).right > 0, true);
  assert.equal((await load((query) => answer(query), ['--echo'])).right, 0);
});
