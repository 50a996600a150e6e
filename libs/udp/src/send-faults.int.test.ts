/** What the kernel answers to `sendmmsg` when it does not take all: each code, as the addon deals with it. */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { batchedIsMissing } from './udp-layer.ts';

const testing = join(import.meta.dirname, 'testing');
const directory = mkdtempSync(join(tmpdir(), 'signpost-udp-'));
const library = join(directory, 'faulty-sendmmsg.so');
after(() => rmSync(directory, { recursive: true }));

function compile(): string | undefined {
  const flags = ['-D_GNU_SOURCE', '-shared', '-fPIC', '-o', library, join(testing, 'faulty-sendmmsg.c')];
  return spawnSync('cc', flags).status === 0 ? undefined : 'no C compiler is here';
}

async function answerTen(faults: string): Promise<{ answers: number[]; drops: number }> {
  const env = { PATH: process.env['PATH'], LD_PRELOAD: library, FAULTS: faults };
  const { stdout } = await promisify(execFile)(process.execPath, [join(testing, 'answer-ten.ts')], { env });
  return JSON.parse(stdout) as { answers: number[]; drops: number };
}

const LOST_BATCH = Array.from({ length: 6 }, () => 'EAGAIN').join(',');

describe('of ten answers', { skip: batchedIsMissing() ?? compile() }, () => {
  for (const [what, faults, lost] of [
    ['all leave when there is no fault', '', []],
    ['all leave when the kernel takes three, and two, and the rest', '3,2', []],
    ['all leave when a signal comes between', 'EINTR,4,EINTR', []],
    ['all leave when there is room again after a while', '3,EAGAIN,EAGAIN,2,EAGAIN', []],
    ['those are dropped that there is no room for in time', `7,${LOST_BATCH}`, [7, 8, 9]],
    ['one is dropped that the device has no room for', '3,ENOBUFS', [3]],
    ['one is dropped that a firewall refuses, the last too', 'EPERM,8,EPERM', [0, 9]],
    ['one is dropped that has no way', '5,EHOSTUNREACH,EHOSTUNREACH', [5, 6]],
    ['all leave when one before them was refused', '2,ECONNREFUSED,3,ECONNREFUSED', []],
    ['one is dropped that is refused twice', '2,ECONNREFUSED,ECONNREFUSED', [2]],
  ] as const) {
    test(`${what}, and the next one leaves`, async () => {
      const { answers, drops } = await answerTen(faults);
      const wanted = Array.from({ length: 11 }, (_, i) => i).filter(
        (i) => !lost.some((other) => other === i),
      );
      assert.deepEqual({ answers, drops }, { answers: wanted, drops: lost.length });
    });
  }
});
