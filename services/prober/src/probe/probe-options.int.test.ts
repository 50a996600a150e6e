/** What a monitor may ask for beyond the plain probe, kind by kind, against real servers. */
import assert from 'node:assert/strict';
import { createServer as createHttpServer } from 'node:http';
import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import { createServer, type AddressInfo } from 'node:net';
import { describe, test } from 'node:test';

import type { HttpProbe, Probe } from '@signpost/contracts/probe-assignment';
import { freePort } from '@signpost/testkit/free-port';
import { startTarget } from '@signpost/testkit/start-target';
import { makeTestCertificates } from '@signpost/testkit/test-certificates';
import { decode, encode, TRUNCATED_RESPONSE } from 'dns-packet';

import { serveHttp2, serveSockets } from '../testing/serve-stream.ts';
import type { ProbeResult } from './probe-result.ts';
import { probeTools } from './probe-tools.ts';
import { runProbe } from './run-probe.ts';

const AMPLE_MS = 20_000;
const DAY_MS = 86_400_000;
const tools = probeTools('1.2.3');

function ask(probe: Probe, { host, port }: { host: string; port: number }): Promise<ProbeResult> {
  const families = [host.includes(':') ? ('ipv6' as const) : ('ipv4' as const)];
  const check = { families, address: host, port };
  return runProbe({ probe, check, timeoutMs: AMPLE_MS }, tools, new AbortController().signal);
}

const reasonOf = (result: ProbeResult) => (result.kind === 'pass' ? 'passed' : result.reason);

function http(changes: Partial<HttpProbe> = {}): HttpProbe {
  return {
    type: 'http',
    scheme: 'http',
    method: 'GET',
    host: 'go.example.net',
    path: '/probe',
    headers: {},
    expect: { status: [200], header: {} },
    ...changes,
  };
}

describe('http probe', () => {
  test('sends a body with its length, over HTTP/1.1 and HTTP/2', async () => {
    const server = createHttpServer((request, response) => {
      void request.toArray().then((parts) => {
        const { method, headers } = request;
        response.end(`${method} ${headers['content-length']} ${Buffer.concat(parts).toString()}`);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const first = await Promise.all(
      (['POST', 'DELETE', 'OPTIONS'] as const).map((method) => {
        const expect = { status: [200], header: {}, contains: `${method} 4 ping` };
        return ask(http({ method, body: 'ping', expect }), { host: '127.0.0.1', port });
      }),
    );
    server.close();
    assert.deepEqual(first.map(reasonOf), ['passed', 'passed', 'passed']);

    await using second = await serveHttp2(
      (stream) =>
        void stream.toArray().then((parts: Buffer[]) => {
          stream.respond({ ':status': 200 });
          stream.end(`got ${Buffer.concat(parts).toString()}`);
        }),
      { host: '127.0.0.1' },
    );
    const wanted = { status: [200], header: {}, contains: 'got ping' };
    const asked = http({ method: 'POST', body: 'ping', expect: wanted, protocol: 'http2' });
    assert.equal(reasonOf(await ask(asked, second)), 'passed');
  });

  test('asks over HTTP/2 as the host it was told, without the headers of connections', async () => {
    const seen: unknown[] = [];
    await using target = await serveHttp2(
      (stream) => {
        stream.respond({ ':status': 204, 'x-version': '2' });
        stream.end();
      },
      { host: '::1' },
      (headers) =>
        seen.push([headers[':authority'], headers[':path'], headers['x-probe'], headers['connection']]),
    );
    const headers = { 'X-Probe': 'yes', Connection: 'close', Host: 'evil.example' };
    const expect = { status: [204], header: { 'x-version': '2' } };
    assert.equal(reasonOf(await ask(http({ protocol: 'http2', headers, expect }), target)), 'passed');
    assert.deepEqual(seen, [['go.example.net', '/probe', 'yes', undefined]]);
  });

  test('says that a server does not speak HTTP/2, or takes what TLS agrees on', async () => {
    const certificates = makeTestCertificates({ names: ['go.example.net'] });
    await using target = await startTarget({ kind: 'https', certificates });
    const tls = { ca: certificates.ca };
    const asked = (protocol: HttpProbe['protocol']) => ask(http({ scheme: 'https', protocol, tls }), target);
    // Node's https server refuses the handshake when it has none of the protocols offered (RFC 7301 section 3.2).
    assert.match(reasonOf(await asked('http2')), /no application protocol|does not agree to HTTP\/2/i);
    assert.equal(reasonOf(await asked('any')), 'passed');
    await using plain = await startTarget();
    assert.match(
      reasonOf(await ask(http({ protocol: 'http2' }), plain)),
      /^(answer is not HTTP\/2|connection closed before the headers came)$/,
    );
  });

  test('follows so many redirects as it is told, none that is wanted, none that leaves', async () => {
    const server = createHttpServer((request, response) => {
      const step = Number(request.url?.slice(1));
      const location = step === 9 ? 'http://elsewhere.example/' : `/${step - 1}`;
      response.writeHead(step === 0 ? 200 : 302, { location }).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const visit = (path: string, redirects: number, status = [200]) =>
      ask(http({ path, redirects, expect: { status, header: {} } }), { host: '127.0.0.1', port });
    const outcomes = [
      await visit('/2', 2),
      await visit('/3', 2),
      await visit('/3', 2, [302]),
      await visit('/9', 2),
    ].map(reasonOf);
    server.close();
    assert.deepEqual(outcomes, [
      'passed',
      'status 302, wanted 200',
      'passed',
      'redirect to "http://elsewhere.example", which leaves the target',
    ]);
  });
});

describe('certificates', () => {
  const names = ['go.example.net'];
  const notAfter = new Date(Date.now() + 5 * DAY_MS);
  const certificates = makeTestCertificates({ names, notAfter });
  const expires = `certificate expires on ${notAfter.toISOString().slice(0, 10)}`;

  test('that expire before long pass with a warning, and fail when that is too near', async () => {
    await using target = await startTarget({ kind: 'https', certificates });
    const asked = (tls: HttpProbe['tls']) =>
      ask(http({ scheme: 'https', tls: { ca: certificates.ca, ...tls } }), target);
    const calm = await asked({ warnBeforeMs: 4 * DAY_MS });
    const warned = await asked({ warnBeforeMs: 14 * DAY_MS, failBeforeMs: 3 * DAY_MS });
    const failed = await asked({ warnBeforeMs: 14 * DAY_MS, failBeforeMs: 7 * DAY_MS });
    const expiresMs = Math.floor(+notAfter / 1_000) * 1_000;
    assert.deepEqual(calm.kind === 'pass' && calm.certificate, { expiresMs });
    assert.deepEqual(warned.kind === 'pass' && warned.certificate, { expiresMs, warning: expires });
    assert.equal(reasonOf(failed), `${expires}, less than 7 days ahead`);
  });

  test('are for the server name, whatever the host', async () => {
    await using target = await startTarget({ kind: 'https', certificates });
    const tls = { ca: certificates.ca, serverName: 'go.example.net' };
    const host = 'other.example';
    assert.equal(reasonOf(await ask(http({ scheme: 'https', host, tls }), target)), 'passed');
    const seen = target.requests[0];
    assert.deepEqual([seen?.host, seen?.serverName], ['other.example', 'go.example.net']);
  });

  test('and their authorities that cannot be read are no failure of the target', async () => {
    await using target = await startTarget({ kind: 'https', certificates });
    const result = await ask(http({ scheme: 'https', tls: { ca: 'no PEM' } }), target);
    assert.equal(result.kind, 'unable');
  });
});

describe('tcp and tls probes', () => {
  test('wait for a greeting without a word', async () => {
    await using target = await serveSockets((socket) => socket.write('220 mail ESMTP\r\n'), {
      host: '127.0.0.1',
    });
    assert.equal(reasonOf(await ask({ type: 'tcp', contains: '220 ' }, target)), 'passed');
  });

  test('offer protocols, one of which the server must choose', async () => {
    const certificates = makeTestCertificates({ names: ['127.0.0.1'] });
    await using target = await serveSockets(() => {}, { host: '127.0.0.1', certificates });
    const asked = (alpn: string[]) => ask({ type: 'tls', alpn, tls: { ca: certificates.ca } }, target);
    assert.equal(reasonOf(await asked(['dot', 'http/1.1'])), 'passed');
    assert.match(reasonOf(await asked(['dot'])), /no application protocol|server chose no protocol/i);
  });
});

describe('grpc probe', () => {
  test('tells an unknown service, a server without the health service, and one that is not gRPC apart', async () => {
    const answers: ReadonlyArray<readonly [Record<string, string | number>, RegExp]> = [
      [{ 'grpc-status': '5' }, /^service "shop" is not known to the health service$/],
      [{ 'grpc-status': '12' }, /^there is no health service/],
      [
        { 'grpc-status': '14', 'grpc-message': 'try%20again' },
        /^health service answers with grpc-status 14 "try again"$/,
      ],
      [
        { ':status': 404, 'content-type': 'text/html' },
        /^answer is not gRPC: status 404, content type "text\/html"$/,
      ],
    ];
    for (const [fields, reason] of answers) {
      await using target = await serveHttp2(
        (stream) =>
          stream.respond(
            { ':status': 200, 'content-type': 'application/grpc+proto', ...fields },
            { endStream: true },
          ),
        { host: '127.0.0.1' },
      );
      assert.match(reasonOf(await ask({ type: 'grpc', service: 'shop' }, target)), reason);
    }
  });
});

/** A UDP server that truncates everything, and a TCP server with the answer, on one port. */
async function serveTruncating(address: string) {
  const host = '127.0.0.1';
  const port = await freePort(host);
  const udp = createSocket('udp4');
  const answer = (query: Buffer, truncated: boolean) => {
    const { id = 0, questions = [] } = decode(query);
    const answers = truncated ? [] : [{ type: 'A', name: 'go.example.net', ttl: 5, data: address } as const];
    return encode({ type: 'response', id, flags: truncated ? TRUNCATED_RESPONSE : 0, questions, answers });
  };
  udp.on('message', (query, from) => udp.send(answer(query, true), from.port, from.address));
  udp.bind(port, host);
  await once(udp, 'listening');
  const tcp = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (asked: Buffer) => {
      const message = answer(asked.subarray(2), false);
      socket.end(Buffer.concat([Buffer.from([0, message.length]), message]));
    });
  });
  tcp.listen(port, host);
  await once(tcp, 'listening');
  return {
    host,
    port,
    [Symbol.asyncDispose]: async () => {
      udp.close();
      tcp.close();
      await once(tcp, 'close');
    },
  };
}

describe('dns probe', () => {
  // To the broadcast address this host may not send, as it cannot to a family that it has no route for.
  test('fails where the host has no way to the target, and harms nobody else', async () => {
    const asked = { ...dns, transport: 'udp' } as const;
    const result = await ask(asked, { host: '255.255.255.255', port: 53 });
    assert.deepEqual(result, { kind: 'fail', reason: 'connection forbidden by the local host' });
  });

  const dns = {
    type: 'dns',
    name: 'Go.example.net.',
    queryType: 'MX',
    recurse: true,
    rcode: 'NOERROR',
  } as const;

  test('asks again over TCP when the response is truncated', async () => {
    await using target = await serveTruncating('192.0.2.10');
    const asked = {
      ...dns,
      name: 'go.example.net.',
      queryType: 'A',
      transport: 'udp',
      recurse: false,
    } as const;
    assert.equal(reasonOf(await ask({ ...asked, answers: ['192.0.2.10'] }, target)), 'passed');
  });

  test('compares data as the DNS does, asks with RD, and takes a CNAME on the way', async () => {
    await using target = await serveSockets(
      (socket) =>
        socket.once('data', (asked: Buffer) => {
          const {
            id = 0,
            questions = [],
            flag_rd: recurse,
          } = decode(asked.subarray(2)) as ReturnType<typeof decode> & {
            flag_rd: boolean;
          };
          assert.equal(recurse, true);
          const answers = [
            { type: 'CNAME', name: 'go.example.net', ttl: 5, data: 'other.example.net' },
            {
              type: 'MX',
              name: 'other.example.net',
              ttl: 5,
              data: { preference: 10, exchange: 'MAIL.example.net' },
            },
          ] as const;
          const message = encode({ type: 'response', id, questions, answers: [...answers] });
          socket.end(Buffer.concat([Buffer.from([0, message.length]), message]));
        }),
      { host: '127.0.0.1' },
    );
    const asked = (answers: string[]) => ask({ ...dns, transport: 'tcp', answers }, target);
    assert.equal(reasonOf(await asked(['10 mail.example.net.'])), 'passed');
    assert.equal(
      reasonOf(await asked(['20 mail.example.net.'])),
      '"20 mail.example.net." not among 1 answers',
    );
  });
});
