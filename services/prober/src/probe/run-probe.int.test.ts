/**
 * Probes against real servers on loopback addresses: everything a target can do wrong, and what is said of it.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, test } from 'node:test';

import type { Check, HttpProbe } from '@signpost/contracts/probe-assignment';
import { eventually } from '@signpost/testkit/eventually';
import { freePort } from '@signpost/testkit/free-port';
import { startTarget } from '@signpost/testkit/start-target';
import { makeTestCertificates } from '@signpost/testkit/test-certificates';

import type { ProbeResult } from './probe-result.ts';
import { probeTools } from './probe-tools.ts';
import { runProbe } from './run-probe.ts';

const tools = probeTools('1.2.3');
const never = new AbortController().signal;
/** Long enough for a slow machine, and never waited for by a test that passes. */
const AMPLE_MS = 20_000;
/** Waited for to the end by the tests of time limits. */
const SHORT_MS = 150;

function http(changes: Partial<HttpProbe> = {}): HttpProbe {
  return {
    type: 'http',
    scheme: 'http',
    method: 'GET',
    host: 'go.example.net',
    path: '/probe?full=1',
    headers: {},
    expect: { status: [200], header: {} },
    ...changes,
  };
}

const https = (ca: string | undefined, changes: Partial<HttpProbe> = {}) =>
  http({ scheme: 'https', ...(ca === undefined ? {} : { tls: { ca } }), ...changes });

function checkOf({ host, port }: { host: string; port: number }): Check {
  return { families: [host.includes(':') ? 'ipv6' : 'ipv4'], address: host, port };
}

const probe = (
  request: HttpProbe | { readonly type: 'tcp' },
  check: Check,
  { timeoutMs = AMPLE_MS, signal = never } = {},
): Promise<ProbeResult> => runProbe({ probe: request, check, timeoutMs }, tools, signal);

function reasonOf(result: ProbeResult): string {
  return result.kind === 'pass' ? 'passed' : result.reason;
}

/** A TCP server that does as told with each connection; it counts those that are open. */
async function startServer(serve: (socket: Socket) => void, host = '127.0.0.1') {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    serve(socket);
    socket.resume(); // only what is read lets us see the end
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    check: checkOf({ host, port }),
    open,
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, 'close');
    },
  };
}

describe('tcp probe', () => {
  test('passes when the port accepts, over IPv4 and IPv6', async () => {
    for (const host of ['127.0.0.1', '::1']) {
      await using target = await startTarget({ kind: 'tcp', host });
      const result = await probe({ type: 'tcp' }, checkOf(target));
      assert.equal(result.kind, 'pass');
      assert.ok(result.roundTripMs > 0);
    }
  });

  test('fails when nobody listens', async () => {
    const check = checkOf({ host: '127.0.0.1', port: await freePort() });
    assert.deepEqual(await probe({ type: 'tcp' }, check), { kind: 'fail', reason: 'connection refused' });
  });

  test('connects to an address of a host name, of the families that it speaks for', async () => {
    await using target = await startTarget({ kind: 'tcp' });
    const check: Check = { families: ['ipv4'], address: 'localhost', port: target.port };
    assert.equal((await probe({ type: 'tcp' }, check)).kind, 'pass');
  });

  test('says that a name has no address', async () => {
    const check: Check = { families: ['ipv6'], address: 'no-such-host.invalid', port: 80 };
    const result = await probe({ type: 'tcp' }, check);
    assert.match(reasonOf(result), /^name no-such-host\.invalid (has no IPv6 address|could not be resolved)/);
  });

  test('leaves no connection behind', async () => {
    await using server = await startServer(() => {});
    await probe({ type: 'tcp' }, server.check);
    await eventually(
      () => server.open.size,
      (size) => size === 0,
    );
  });
});

describe('http probe', () => {
  test('passes on a wanted status and asks as the host it was told, not as the address', async () => {
    await using target = await startTarget();
    const result = await probe(http(), checkOf(target));
    assert.equal(result.kind, 'pass');
    assert.ok(result.roundTripMs >= (result.phases.answer ?? Infinity));
    const [seen] = target.requests;
    assert.deepEqual(
      [seen?.method, seen?.path, seen?.host, seen?.headers['user-agent'], seen?.headers.connection],
      ['GET', '/probe?full=1', 'go.example.net', 'signpost-prober/1.2.3', 'close'],
    );
  });

  test('sends the headers of the monitor, whose User-Agent wins and whose Host does not', async () => {
    await using target = await startTarget();
    const headers = { 'X-Probe': 'yes', 'User-Agent': 'curl/8', Host: 'evil.example' };
    await probe(http({ headers, method: 'HEAD' }), checkOf(target));
    const seen = target.requests[0]!;
    assert.deepEqual(
      [seen.method, seen.headers['x-probe'], seen.headers['user-agent'], seen.host],
      ['HEAD', 'yes', 'curl/8', 'go.example.net'],
    );
  });

  test('works over IPv6', async () => {
    await using target = await startTarget({ host: '::1' });
    assert.equal((await probe(http(), checkOf(target))).kind, 'pass');
  });

  test('fails on another status, with the time that it took', async () => {
    await using target = await startTarget();
    target.setHealthy(false);
    const result = await probe(http({ expect: { status: [301, 302], header: {} } }), checkOf(target));
    assert.equal(reasonOf(result), 'status 503, wanted 301 or 302');
    assert.ok(result.kind === 'fail' && result.roundTripMs! > 0);
  });

  test('never follows a redirect: it may be what is wanted', async () => {
    await using target = await startTarget();
    target.behave({ kind: 'answer', status: 302, headers: { location: '/elsewhere' } });
    const expect = { status: [302], header: { location: '/elsewhere' } };
    assert.equal((await probe(http({ expect }), checkOf(target))).kind, 'pass');
    assert.equal(target.requests.length, 1);
  });

  test('fails on a header with another value or none', async () => {
    await using target = await startTarget();
    target.behave({ kind: 'answer', headers: { location: 'x' } });
    const wanting = (header: Record<string, string>) => http({ expect: { status: [200], header } });
    const other = await probe(wanting({ location: 'y' }), checkOf(target));
    assert.equal(reasonOf(other), 'header location is "x", wanted "y"');
    const none = await probe(wanting({ 'x-version': '2' }), checkOf(target));
    assert.equal(reasonOf(none), 'header x-version is missing, wanted "2"');
  });

  test('can want the switch of protocols', async () => {
    await using server = await startServer((socket) => {
      socket.once('data', () =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
      );
    });
    const headers = { connection: 'Upgrade', upgrade: 'websocket' };
    const result = await probe(http({ headers, expect: { status: [101], header: {} } }), server.check);
    assert.equal(result.kind, 'pass');
  });

  test('fails when nobody listens', async () => {
    const check = checkOf({ host: '127.0.0.1', port: await freePort() });
    assert.equal(reasonOf(await probe(http(), check)), 'connection refused');
  });

  test('fails when the headers do not come in time, whatever trickles in', async () => {
    await using server = await startServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const trickle = setInterval(() => socket.write('x-more: yes\r\n'), 20);
      socket.once('close', () => clearInterval(trickle));
    });
    const result = await probe(http(), server.check, { timeoutMs: SHORT_MS });
    assert.equal(reasonOf(result), 'timeout after 150 ms while waiting for headers');
    await eventually(
      () => server.open.size,
      (size) => size === 0,
    );
  });

  test('fails when a target accepts and never answers', async () => {
    await using target = await startTarget();
    target.behave({ kind: 'hang' });
    const result = await probe(http(), checkOf(target), { timeoutMs: SHORT_MS });
    assert.equal(reasonOf(result), 'timeout after 150 ms while waiting for headers');
  });

  test('fails when the target resets or closes the connection', async () => {
    await using resetting = await startServer((socket) =>
      socket.once('data', () => socket.resetAndDestroy()),
    );
    assert.equal(reasonOf(await probe(http(), resetting.check)), 'connection closed before the headers came');
    await using closing = await startServer((socket) => socket.once('data', () => socket.end()));
    assert.equal(reasonOf(await probe(http(), closing.check)), 'connection closed before the headers came');
  });

  test('fails when the answer is not HTTP or its headers have no end', async () => {
    await using other = await startServer((socket) => socket.once('data', () => socket.end('SSH-2.0-x\r\n')));
    assert.equal(reasonOf(await probe(http(), other.check)), 'answer is not HTTP');
    await using endless = await startServer((socket) => {
      socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}`));
    });
    assert.equal(reasonOf(await probe(http(), endless.check)), 'headers are too long');
  });

  test('passes on the headers alone and cuts off a body that does not end', async () => {
    await using server = await startServer((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        const more = () => {
          while (!socket.destroyed && socket.write('x'.repeat(16_384)));
        };
        socket.on('drain', more);
        more();
      });
    });
    assert.equal((await probe(http(), server.check)).kind, 'pass');
    await eventually(
      () => server.open.size,
      (size) => size === 0,
    );
  });

  test('says that a request cannot be sent as HTTP', async () => {
    await using target = await startTarget();
    const result = await probe(http({ headers: { 'x-bad': 'a\nb' } }), checkOf(target));
    assert.match(reasonOf(result), /^the monitor's request cannot be sent: /);
    assert.match(reasonOf(await probe(http({ path: '/a b' }), checkOf(target))), /cannot be sent/);
  });

  test('says nothing of the target when it is called off', async () => {
    await using target = await startTarget();
    target.behave({ kind: 'hang' });
    const gone = new AbortController();
    const result = probe(http(), checkOf(target), { signal: gone.signal });
    await eventually(() => target.requests.length === 1);
    gone.abort();
    assert.deepEqual(await result, { kind: 'inconclusive', reason: 'probe was called off' });
    assert.equal((await probe(http(), checkOf(target), { signal: gone.signal })).kind, 'inconclusive');
  });

  test('says nothing of the target when the prober itself stood still past the deadline', async () => {
    await using target = await startTarget();
    target.behave({ kind: 'hang' });
    const result = probe(http(), checkOf(target), { timeoutMs: SHORT_MS });
    await eventually(() => target.requests.length === 1);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SHORT_MS + 200);
    assert.match(reasonOf(await result), /^prober was held up for \d+ ms$/);
  });

  test('keeps the failure of one probe away from the others', async () => {
    await using healthy = await startTarget();
    await using hanging = await startTarget();
    hanging.behave({ kind: 'hang' });
    const refusing = checkOf({ host: '127.0.0.1', port: await freePort() });
    const results = await Promise.all([
      ...Array.from({ length: 20 }, () => probe(http(), checkOf(hanging), { timeoutMs: SHORT_MS })),
      ...Array.from({ length: 20 }, () => probe(http(), refusing)),
      ...Array.from({ length: 20 }, () => probe(http(), checkOf(healthy))),
    ]);
    assert.deepEqual(
      results.slice(40).map(({ kind }) => kind),
      Array.from({ length: 20 }, () => 'pass'),
    );
  });
});

describe('https probe', () => {
  const day = 86_400_000;

  test('passes with a certificate of a private authority for the host, and sends the host as SNI', async () => {
    await using target = await startTarget({
      kind: 'https',
      certificates: makeTestCertificates({ names: ['go.example.net'] }),
    });
    const result = await probe(https(target.ca), checkOf(target));
    assert.equal(reasonOf(result), 'passed');
    assert.ok(result.kind === 'pass' && result.phases.tls! > 0);
    assert.deepEqual(
      [target.requests[0]?.serverName, target.requests[0]?.host],
      ['go.example.net', 'go.example.net'],
    );
  });

  test('keeps the port of the host out of SNI and certificate, and an address out of SNI', async () => {
    await using target = await startTarget({
      kind: 'https',
      certificates: makeTestCertificates({ names: ['go.example.net', '192.0.2.7', '2001:db8::7'] }),
    });
    for (const host of ['go.example.net:8443', '192.0.2.7', '[2001:db8::7]:8443']) {
      assert.equal(reasonOf(await probe(https(target.ca, { host }), checkOf(target))), 'passed');
    }
    assert.deepEqual(
      target.requests.map(({ serverName, host }) => [serverName, host]),
      [
        ['go.example.net', 'go.example.net:8443'],
        [undefined, '192.0.2.7'],
        [undefined, '[2001:db8::7]:8443'],
      ],
    );
  });

  test('refuses a certificate for another name, and never sends it the request', async () => {
    await using target = await startTarget({
      kind: 'https',
      certificates: makeTestCertificates({ names: ['other.example'] }),
    });
    const result = await probe(https(target.ca, { headers: { authorization: 'secret' } }), checkOf(target));
    assert.equal(reasonOf(result), 'certificate is for other.example, not go.example.net');
    assert.equal(target.requests.length, 0);
  });

  test('refuses an expired certificate and one that is not valid yet, with the date', async () => {
    const names = ['go.example.net'];
    const expired = makeTestCertificates({
      names,
      notBefore: new Date('2024-01-01'),
      notAfter: new Date('2024-03-05'),
    });
    await using old = await startTarget({ kind: 'https', certificates: expired });
    assert.equal(reasonOf(await probe(https(old.ca), checkOf(old))), 'certificate expired on 2024-03-05');
    const notBefore = new Date(Date.now() + 30 * day);
    const early = makeTestCertificates({ names, notBefore, notAfter: new Date(+notBefore + day) });
    await using fresh = await startTarget({ kind: 'https', certificates: early });
    assert.equal(
      reasonOf(await probe(https(fresh.ca), checkOf(fresh))),
      `certificate is valid only from ${notBefore.toISOString().slice(0, 10)}`,
    );
  });

  test('refuses a certificate that nobody known has signed', async () => {
    await using target = await startTarget({
      kind: 'https',
      certificates: makeTestCertificates({ names: ['go.example.net'] }),
    });
    const untrusted = 'certificate is not trusted: issued by "Signpost test CA"';
    assert.equal(reasonOf(await probe(https(undefined), checkOf(target))), untrusted);
    const another = makeTestCertificates({ names: ['go.example.net'] });
    assert.match(
      reasonOf(await probe(https(another.ca), checkOf(target))),
      /^certificate is not (trusted|accepted)/,
    );
    assert.equal(target.requests.length, 0);
  });

  test('says that the authority of the monitor is no certificate', async () => {
    await using target = await startTarget({ kind: 'https' });
    const result = await probe(
      https('-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----\n'),
      checkOf(target),
    );
    assert.match(reasonOf(result), /^the monitor's CA certificates are not valid: /);
  });

  test('fails on a port that does not speak TLS, or closes during the handshake, or stays silent', async () => {
    await using plain = await startServer((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad\r\n\r\n')),
    );
    assert.equal(
      reasonOf(await probe(https(undefined), plain.check)),
      'TLS handshake failed: the port does not speak TLS',
    );
    await using closing = await startServer((socket) => socket.once('data', () => socket.destroy()));
    assert.equal(
      reasonOf(await probe(https(undefined), closing.check)),
      'connection closed in the TLS handshake',
    );
    await using silent = await startServer(() => {});
    const result = await probe(https(undefined), silent.check, { timeoutMs: SHORT_MS });
    assert.equal(reasonOf(result), 'timeout after 150 ms while agreeing on TLS');
    await eventually(
      () => silent.open.size,
      (size) => size === 0,
    );
  });
});
