/**
 * A slice of the detection bench, run as its users run it: three targets die of each kind of failure, leave the
 * answers of both authorities for the right reason, and come back. How long it took is the bench's business.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { startGuardedProcess } from '@signpost/testkit/guarded-process';
import { namespaceCommands } from '@signpost/testkit/network-namespace';
import { repositoryRoot } from '@signpost/testkit/start-process';

import { FAILURE_KINDS } from '../bench/detection-kinds.ts';
import type { Detection } from '../bench/detection-run.ts';
import type { DetectionRow } from '../bench/detection-table.ts';

const TARGETS = 3;

let results: readonly (DetectionRow & { readonly detections: readonly Detection[] })[];
let printed = '';

before(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'signpost-detection-'));
  const file = join(directory, 'result.json');
  const flags = ['--targets', String(TARGETS), '--interval', '1s', '--json', file];
  const bench = await startGuardedProcess(process.execPath, ['bench/detection.bench.ts', ...flags], {
    cwd: repositoryRoot,
  });
  try {
    // The bench fails when a target is still answered or does not come back.
    assert.equal(await bench.waitForEnd(300_000), 0, bench.lines.join('\n'));
    printed = bench.stdout.join('\n');
    results = (JSON.parse(await readFile(file, 'utf8')) as { results: typeof results }).results;
  } finally {
    await bench.stop();
    await rm(directory, { recursive: true });
  }
});

for (const { name, means, reason } of FAILURE_KINDS) {
  const needsNamespace = means === 'drop-packets' && namespaceCommands() === undefined;
  const skip = needsNamespace
    ? 'it takes Linux with util-linux, iproute2 and root or user namespaces'
    : false;
  test(
    `${name}: every target leaves the answers of every authority, and the event says why`,
    { skip },
    () => {
      const { detections } = results.find(({ kind }) => kind === name)!;
      assert.equal(detections.length, TARGETS);
      for (const detection of detections) {
        assert.equal(detection.changedAfterMs.length, 2);
        assert.ok(detection.changedAfterMs.every((ms) => ms !== null && ms > 0));
        assert.match(detection.reason, /^down by [23] of 3 vantages/);
        assert.match(detection.reason, reason);
      }
      assert.match(printed, new RegExp(`^\\| ${name} +\\| 1 s +\\| ${TARGETS} +\\|`, 'm'));
    },
  );
}
