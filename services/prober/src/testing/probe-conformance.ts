/**
 * The suite that every kind of probe passes: whatever a target does, the result says what, comes in time, and
 * leaves nothing open on either side.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { Check } from '@signpost/contracts/probe-assignment';
import { eventually } from '@signpost/testkit/eventually';
import { freePort } from '@signpost/testkit/free-port';
import { makeTestCertificates, type TestCertificates } from '@signpost/testkit/test-certificates';

import type { ProbeResult } from '../probe/probe-result.ts';
import { probeTools } from '../probe/probe-tools.ts';
import { runProbe } from '../probe/run-probe.ts';
import { SERVER_NAME, type Behaviour, type KindUnderTest, type Served } from './kind-under-test.ts';
import { serveSockets } from './serve-stream.ts';

/** Long enough for a slow machine, and never waited for by a test that passes. */
const AMPLE_MS = 20_000;
/** Waited for to the end by the tests of time limits. */
const SHORT_MS = 150;

const tools = probeTools('1.2.3');
const good = makeTestCertificates({ names: [SERVER_NAME] });

export function testProbeKind(kind: KindUnderTest): void {
  const { reasons } = kind;
  const certificates = kind.secure ? good : undefined;
  const serve = (behaviour: Behaviour, host = '127.0.0.1') => kind.serve(behaviour, { host, certificates });
  const probe = (at: Pick<Served, 'host' | 'port'>, options: ProbeOptions = {}) => ask(kind, at, options);

  describe(kind.name, () => {
    test('passes over IPv4 and IPv6, and leaves nothing open', async () => {
      for (const host of ['127.0.0.1', '::1']) {
        await using target = await serve('healthy', host);
        const result = await probe(target);
        assert.equal(reasonOf(result), 'passed');
        assert.ok(result.kind === 'pass' && result.roundTripMs > 0);
        assert.equal(result.certificate === undefined, !kind.secure);
        await nothingOpen(target);
      }
    });

    test('says that a target refuses', async () => {
      for (const host of ['127.0.0.1', '::1']) {
        assert.match(reasonOf(await probe({ host, port: await freePort(host) })), reasons.refused);
      }
    });

    test('says what is wrong with an answer', async () => {
      await using target = await serve('wrong');
      assert.match(reasonOf(await probe(target)), reasons.wrong);
      await nothingOpen(target);
    });

    test('does not wait for the end of an answer without one', async () => {
      await using target = await serve('huge');
      assert.match(reasonOf(await probe(target)), reasons.huge);
      await nothingOpen(target);
    });

    test('keeps its time limit when a target takes the question and stays silent', async () => {
      await using target = await serve('silent');
      assert.match(reasonOf(await probe(target, { timeoutMs: SHORT_MS })), /^timeout after 150 ms while /);
      await nothingOpen(target);
    });

    test('leaves nothing open when it is called off, before or in the middle', async () => {
      await using target = await serve('silent');
      const gone = new AbortController();
      const result = probe(target, { signal: gone.signal });
      await eventually(() => target.seen() === 1);
      gone.abort();
      assert.deepEqual(await result, { kind: 'inconclusive', reason: 'probe was called off' });
      await nothingOpen(target);
      assert.equal((await probe(target, { signal: gone.signal })).kind, 'inconclusive');
      await nothingOpen(target);
    });

    if (kind.transport === 'tcp') testBrokenConnections(kind, probe, serve);
    if (kind.secure) testCertificates(kind);
  });
}

interface ProbeOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly ca?: string | undefined;
  readonly verify?: boolean;
}

function testBrokenConnections(
  { reasons, secure }: KindUnderTest,
  probe: (at: Served, options?: ProbeOptions) => Promise<ProbeResult>,
  serve: (behaviour: Behaviour) => Promise<Served>,
): void {
  test('says that the connection broke in the middle of the answer', async () => {
    await using target = await serve('cut');
    assert.match(reasonOf(await probe(target)), reasons.cut);
    await nothingOpen(target);
  });

  test('fails when the connection is closed or reset at once', async () => {
    const broken = secure
      ? /^connection (closed in the TLS handshake|reset)$/
      : /^connection (closed|reset)|not in the answer$/;
    for (const end of ['destroy', 'resetAndDestroy'] as const) {
      await using target = await serveSockets((socket) => socket[end](), { host: '127.0.0.1' });
      assert.match(reasonOf(await probe(target)), broken);
    }
  });

  test('keeps its time limit when a target accepts and says nothing, in a handshake neither', async () => {
    await using target = await serveSockets(() => {}, { host: '127.0.0.1' });
    assert.match(reasonOf(await probe(target, { timeoutMs: SHORT_MS })), /^timeout after 150 ms while /);
    await nothingOpen(target);
  });
}

function testCertificates(kind: KindUnderTest): void {
  const day = 86_400_000;
  const names = [SERVER_NAME];
  const faults: ReadonlyArray<readonly [string, TestCertificates, RegExp, string?]> = [
    [
      'has expired',
      makeTestCertificates({ names, notBefore: new Date('2024-01-01'), notAfter: new Date('2024-03-05') }),
      /^certificate expired on 2024-03-05$/,
    ],
    [
      'is not valid yet',
      makeTestCertificates({
        names,
        notBefore: new Date(Date.now() + day),
        notAfter: new Date(Date.now() + 2 * day),
      }),
      /^certificate is valid only from \d{4}-\d\d-\d\d$/,
    ],
    [
      'is for another name',
      makeTestCertificates({ names: ['other.example'] }),
      /^certificate is for other\.example, not probed\.example\.net$/,
    ],
    ['is signed by itself', makeTestCertificates({ names, selfSigned: true }), /^certificate is not trusted/],
    [
      'is signed by somebody unknown',
      makeTestCertificates({ names }),
      /^certificate is not (trusted|accepted)/,
      good.ca,
    ],
  ];
  for (const [fault, certificates, reason, ca = certificates.ca] of faults) {
    test(`refuses a certificate that ${fault}, unless told not to verify it`, async () => {
      await using target = await kind.serve('healthy', { host: '127.0.0.1', certificates });
      const refused = await ask(kind, target, { ca });
      assert.match(reasonOf(refused), reason);
      assert.ok(refused.kind === 'fail' && refused.certificate !== undefined);
      await nothingOpen(target);
      assert.equal(reasonOf(await ask(kind, target, { ca, verify: false })), 'passed');
      await nothingOpen(target);
    });
  }
}

function ask(
  kind: KindUnderTest,
  { host, port }: Pick<Served, 'host' | 'port'>,
  { timeoutMs = AMPLE_MS, signal = new AbortController().signal, ca = good.ca, verify = true }: ProbeOptions,
): Promise<ProbeResult> {
  const check: Check = { families: [host.includes(':') ? 'ipv6' : 'ipv4'], address: host, port };
  return runProbe({ probe: kind.probe({ ca, verify }), check, timeoutMs }, tools, signal);
}

function reasonOf(result: ProbeResult): string {
  return result.kind === 'pass' ? 'passed' : result.reason;
}

/** On the target's side by its connections, on ours by what keeps this process alive. */
async function nothingOpen(target: Served): Promise<void> {
  await eventually(() => target.open() === 0);
  const ours = () =>
    process.getActiveResourcesInfo().filter((kind) => /^(TCPSocket|TLS|UDP)Wrap$/.test(kind)).length;
  await eventually(() => ours() === target.datagramSockets);
}
