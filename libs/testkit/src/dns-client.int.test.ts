/** The DNS client against a peer that answers by hand: what it sends, what it reads, how it fails. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';

import dnsPacket, { type Answer } from 'dns-packet';

import { ask, decodeAnswer, encodeQuery } from './dns-client.ts';
import { DnsTimeout, exchangeTcp } from './dns-exchange.ts';
import { freePort } from './free-port.ts';

/** Answers each query with one A record and echoes its OPT with scope 24; returns the port. */
function answerFor(query: Buffer): Buffer {
  const { id, questions, additionals = [] } = dnsPacket.decode(query);
  const opt = additionals[0] as { options: Array<{ data: Buffer }> } | undefined;
  const subnet = opt?.options[0]?.data;
  if (subnet !== undefined) subnet[3] = 24;
  const answers: Answer[] = [{ type: 'A', name: questions![0]!.name, ttl: 30, data: '192.0.2.10' }];
  return dnsPacket.encode({
    type: 'response',
    id: id ?? 0,
    flags: dnsPacket.AUTHORITATIVE_ANSWER,
    questions: questions ?? [],
    answers,
    additionals: additionals.map((record) => ({ ...record, extendedRcode: 1 })),
  });
}

async function udpPeer(t: TestContext, reply: (query: Buffer) => Buffer | undefined): Promise<number> {
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    const bytes = reply(query);
    if (bytes !== undefined) socket.send(bytes, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  return socket.address().port;
}

test('an answer comes decoded: flags, rcode with extended bits, records, subnet scope', async (t) => {
  const port = await udpPeer(t, answerFor);
  const answer = await ask({
    server: '127.0.0.1',
    port,
    name: 'go.example.net',
    type: 'A',
    subnet: '81.2.69.77/20',
  });
  assert.equal(answer.flags.aa, true);
  assert.equal(answer.flags.tc, false);
  assert.equal(answer.rcode, 'BADVERS');
  assert.deepEqual(
    answer.answers.map((record) => 'data' in record && record.data),
    ['192.0.2.10'],
  );
  assert.deepEqual(answer.edns?.clientSubnet, {
    address: '81.2.64.0',
    sourcePrefixLength: 20,
    scopePrefixLength: 24,
  });
  assert.deepEqual(answer.additionals, []);
});

test('silence ends as a DnsTimeout, a closed port as a refusal', async (t) => {
  const port = await udpPeer(t, () => undefined);
  const question = { server: '127.0.0.1', name: 'example.net', type: 'A', timeoutMs: 50 };
  await assert.rejects(ask({ ...question, port }), DnsTimeout);
  const closed = await freePort();
  await assert.rejects(ask({ ...question, port: closed, timeoutMs: 2_000 }), { code: 'ECONNREFUSED' });
  await assert.rejects(ask({ ...question, port: closed, timeoutMs: 2_000, tcp: true }), {
    code: 'ECONNREFUSED',
  });
});

test('queries pipelined on one connection are all answered, however they are cut into segments', async (t) => {
  const server = createServer((socket) => {
    let received = Buffer.alloc(0);
    socket.on('data', (data) => {
      received = Buffer.concat([received, data]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const answer = answerFor(received.subarray(2, 2 + received.readUInt16BE(0)));
        received = received.subarray(2 + received.readUInt16BE(0));
        for (const octet of Buffer.concat([Buffer.of(answer.length >> 8, answer.length & 0xff), answer])) {
          socket.write(Buffer.of(octet));
        }
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const queries = [1, 2, 3].map((id) => encodeQuery({ id, name: 'example.net', type: 'A' }));
  const answers = await exchangeTcp(queries, { server: '127.0.0.1', port });
  assert.deepEqual(
    answers.map((bytes) => decodeAnswer(bytes).id),
    [1, 2, 3],
  );
});

test('a type that the decoder does not know is asked by its number', () => {
  const bytes = encodeQuery({ name: 'a.example', type: 'TYPE65' });
  assert.equal(bytes.readUInt16BE(bytes.length - 4), 65);
});

test('an IPv6 subnet is cut to its octets and cleared behind its length', () => {
  const bytes = encodeQuery({ name: 'a.example', type: 'AAAA', subnet: '2001:db8:ffff::/33' });
  assert.deepEqual([...bytes.subarray(-9)], [0, 2, 33, 0, 0x20, 0x01, 0x0d, 0xb8, 0x80]);
});
