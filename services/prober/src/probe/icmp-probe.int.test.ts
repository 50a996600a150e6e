/**
 * icmp has no port and no conversation: the echo is the kernel's, and `ping` a process. The suite of the other kinds
 * in its terms; programs in place of `ping` say what it would.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { eventually } from '@signpost/testkit/eventually';
import { findDebianTool } from '@signpost/testkit/find-debian-tool';

import type { ProbeResult } from './probe-result.ts';
import { probeTools } from './probe-tools.ts';
import { runProbe } from './run-probe.ts';

const AMPLE_MS = 20_000;
const SHORT_MS = 150;

interface Options {
  readonly address?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

function probeWith(ping: string, options: Options = {}): Promise<ProbeResult> {
  const { address = '127.0.0.1', timeoutMs = AMPLE_MS, signal = new AbortController().signal } = options;
  const families = [address.includes(':') ? ('ipv6' as const) : ('ipv4' as const)];
  const check = { families, address, port: 0 };
  return runProbe({ probe: { type: 'icmp' }, check, timeoutMs }, { ...probeTools('1.2.3'), ping }, signal);
}

const reasonOf = (result: ProbeResult) => (result.kind === 'pass' ? 'passed' : result.reason);
const nothingRuns = () =>
  eventually(() => process.getActiveResourcesInfo().every((kind) => kind !== 'ProcessWrap'));

describe('icmp probe', () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signpost-ping-'));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  /** A program in place of `ping`. */
  async function standIn(name: string, script: string): Promise<string> {
    const path = join(directory, name);
    await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return path;
  }

  test('passes with the round trip that ping measured, over IPv4 and IPv6', async (t) => {
    const ping = await findDebianTool('ping', 'iputils-ping');
    if (ping === undefined) return t.skip('wants ping: install iputils-ping');
    for (const address of ['127.0.0.1', '::1', 'localhost']) {
      const result = await probeWith(ping, { address });
      if (result.kind === 'unable') return t.skip(result.reason); // a sandbox may forbid it
      assert.equal(reasonOf(result), 'passed');
      assert.ok(result.kind === 'pass' && result.roundTripMs > 0);
    }
    await nothingRuns();
  });

  test('says what to install where ping is not, and says nothing of the target', async () => {
    const missing = join(directory, 'no-ping');
    assert.deepEqual(await probeWith(missing), {
      kind: 'unable',
      reason: `prober has no "${missing}" to run: install iputils-ping on its host`,
    });
  });

  test('says what to change where ping may not send, and quotes what it does not know', async () => {
    const forbidden = await standIn(
      'forbidden',
      'echo "ping: socktype: SOCK_RAW: Operation not permitted" >&2; exit 2',
    );
    const result = await probeWith(forbidden);
    assert.equal(result.kind, 'unable');
    assert.match(reasonOf(result), /may not send: give ping cap_net_raw/);
    const other = await standIn('other', 'echo "ping: invalid option -- \'4\'" >&2; exit 1');
    assert.deepEqual(await probeWith(other), {
      kind: 'unable',
      reason: `prober's "ping" failed: "ping: invalid option -- '4'"`,
    });
  });

  test('fails when nothing comes back or the host is not reached', async () => {
    const lost = await standIn('lost', 'echo "1 packets transmitted, 0 received, 100% packet loss"; exit 1');
    assert.deepEqual(await probeWith(lost), { kind: 'fail', reason: 'no echo came back' });
    const away = await standIn(
      'away',
      'echo "From 192.0.2.1 icmp_seq=1 Destination Host Unreachable"; exit 1',
    );
    assert.deepEqual(await probeWith(away), { kind: 'fail', reason: 'host unreachable' });
    const unrouted = await standIn('unrouted', 'echo "ping: connect: Network is unreachable" >&2; exit 2');
    assert.deepEqual(await probeWith(unrouted), { kind: 'fail', reason: 'network unreachable' });
  });

  test('keeps its time limit and leaves no process behind, also when it is called off', async () => {
    const slow = await standIn('slow', 'exec sleep 600');
    assert.equal(
      reasonOf(await probeWith(slow, { timeoutMs: SHORT_MS })),
      'timeout after 150 ms while waiting for the echo',
    );
    await nothingRuns();
    const gone = new AbortController();
    const result = probeWith(slow, { signal: gone.signal });
    await eventually(() => process.getActiveResourcesInfo().includes('ProcessWrap'));
    gone.abort();
    assert.equal((await result).kind, 'inconclusive');
    await nothingRuns();
  });

  test('keeps little of what a program says too much', async () => {
    const loud = await standIn('loud', 'yes icmp | head -c 20000000; yes "x" | head -c 20000000 >&2; exit 2');
    const result = await probeWith(loud);
    assert.equal(reasonOf(result), `prober's "ping" failed: "x"`);
  });
});
