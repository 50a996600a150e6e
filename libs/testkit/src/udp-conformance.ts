/**
 * The suite that every adapter of the UDP port passes: addresses, shared ports, odd datagrams, floods, closing. An
 * adapter's own test file calls it. It must not know any adapter.
 */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { describe, test, type TestContext } from 'node:test';
import { setImmediate, setTimeout } from 'node:timers/promises';

import {
  MOST_UDP_ANSWER_OCTETS,
  MOST_UDP_OCTETS,
  type UdpDrop,
  type UdpLayer,
  type UdpSocket,
  type UdpSocketOptions,
} from '@signpost/contracts/udp-layer';

import { eventually } from './eventually.ts';
import { startUdpFlood } from './udp-flood.ts';

export function udpConformance(layer: UdpLayer): void {
  describe(`${layer.name}: UDP port`, () => {
    addresses(layer);
    sharing(layer);
    batches(layer);
    oddDatagrams(layer);
    floods(layer);
    closing(layer);
  });
}

const V4 = { family: 4, host: '127.0.0.1', port: 0, receiveBufferOctets: 4 * 1024 * 1024 } as const;
const V6 = { ...V4, family: 6, host: '::1' } as const;
const noIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))
  ? false
  : 'this host has no ::1';

/** Answers each datagram with its own octets and those of its source. */
function echo(packet: Uint8Array, length: number, source: Uint8Array): number {
  packet.set(source, length);
  return length + source.length;
}

async function open(
  t: TestContext,
  layer: UdpLayer,
  options: Partial<UdpSocketOptions> = {},
): Promise<UdpSocket & { readonly drops: UdpDrop[] }> {
  const drops: UdpDrop[] = [];
  const socket = await layer.open({
    ...V4,
    onBatch: () => {},
    answer: echo,
    onDrop: (reason) => drops.push(reason),
    ...options,
  });
  t.after(() => socket[Symbol.asyncDispose]());
  return { ...socket, drops };
}

/** A socket that takes datagrams from that address and port alone. */
async function client(t: TestContext, host: string, port: number) {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  const received: Buffer[] = [];
  let isOpen = true;
  const close = (): void => {
    if (isOpen) socket.close();
    isOpen = false;
  };
  t.after(close);
  socket.on('error', () => {}); // where nobody listens
  socket.on('message', (packet) => received.push(packet));
  socket.connect(port, host);
  await once(socket, 'connect');
  return {
    received,
    close,
    send: (octets: string | Uint8Array): void => socket.send(octets),
    ask: async (octets: string | Uint8Array): Promise<Buffer> => {
      const before = received.length;
      socket.send(octets);
      await eventually(() => received.length > before);
      return received.at(-1)!;
    },
  };
}

function addresses(layer: UdpLayer): void {
  test('an IPv4 datagram is answered, and its source is four octets', async (t) => {
    const { port } = await open(t, layer);
    const { ask } = await client(t, '127.0.0.1', port);
    assert.equal((await ask('hello')).toString('latin1'), 'hello\x7f\0\0\x01');
  });

  test('an IPv6 datagram likewise, with sixteen', { skip: noIpv6 }, async (t) => {
    const { port } = await open(t, layer, V6);
    const { ask } = await client(t, '::1', port);
    assert.equal((await ask('hello')).toString('latin1'), `hello${'\0'.repeat(15)}\x01`);
  });

  test('several addresses have one port, and each answers from itself', async (t) => {
    const { port } = await open(t, layer);
    await open(t, layer, { host: '127.0.0.2', port });
    if (noIpv6 === false) await open(t, layer, { ...V6, port });
    for (const host of ['127.0.0.1', '127.0.0.2', ...(noIpv6 === false ? ['::1'] : [])]) {
      assert.equal((await (await client(t, host, port)).ask('x')).at(0), 'x'.charCodeAt(0), host);
    }
  });

  test('all addresses of both families can be listened on side by side', { skip: noIpv6 }, async (t) => {
    const { port } = await open(t, layer, { host: '0.0.0.0', answer: () => 4 });
    await open(t, layer, { ...V6, host: '::', port, answer: () => 6 });
    assert.equal((await (await client(t, '127.0.0.1', port)).ask('x')).length, 4);
    assert.equal((await (await client(t, '::1', port)).ask('x')).length, 6);
  });

  const keeps = layer.keepsAskedAddress ? 'answers' : 'does not claim to answer';
  test(`a socket on all addresses ${keeps} from the one that was asked`, async (t) => {
    const { port } = await open(t, layer, { host: '0.0.0.0' });
    const first = await client(t, '127.0.0.1', port);
    const second = await client(t, '127.0.0.2', port);
    if (!layer.keepsAskedAddress) return;
    for (let i = 0; i < 3; i += 1) {
      assert.equal((await second.ask('two')).toString('latin1', 0, 3), 'two');
      assert.equal((await first.ask('one')).toString('latin1', 0, 3), 'one');
    }
  });
}

function sharing(layer: UdpLayer): void {
  test('two sockets share a port, and each gets some of the datagrams', async (t) => {
    const counts = [0, 0];
    const counting = (i: number) => () => {
      counts[i]! += 1;
      return 1;
    };
    const { port } = await open(t, layer, { answer: counting(0) });
    await open(t, layer, { port, answer: counting(1) });
    for (let i = 0; i < 64; i += 1) await (await client(t, '127.0.0.1', port)).ask('x');
    assert.equal(counts[0]! + counts[1]!, 64);
    assert.ok(Math.min(...counts) > 0, String(counts));
  });

  test('a port that is not shared, and an address of others, are errors with the code of the system', async (t) => {
    const taker = createSocket('udp4').bind(0, '127.0.0.1');
    t.after(() => taker.close());
    await once(taker, 'listening');
    await assert.rejects(open(t, layer, { port: taker.address().port }), { code: 'EADDRINUSE' });
    await assert.rejects(open(t, layer, { host: '192.0.2.1' }), { code: 'EADDRNOTAVAIL' });
  });
}

function batches(layer: UdpLayer): void {
  test('the time that is read for a batch is not older than any of its datagrams', async (t) => {
    let [batches, readMs] = [0, 0];
    const agesMs: number[] = [];
    const { port } = await open(t, layer, {
      onBatch: () => {
        batches += 1;
        readMs = performance.now();
      },
      answer: (packet) => {
        agesMs.push(readMs - Buffer.from(packet.buffer, packet.byteOffset).readDoubleLE());
        return 1;
      },
    });
    const { ask, send } = await client(t, '127.0.0.1', port);
    const now = (): Uint8Array => new Uint8Array(Float64Array.of(performance.now()).buffer);
    for (let i = 0; i < 20; i += 1) {
      for (let k = 0; k < i % 4; k += 1) send(now());
      await ask(now());
      await setTimeout(i % 3);
    }
    await eventually(() => agesMs.length === 50);
    assert.ok(Math.min(...agesMs) >= 0, String(agesMs));
    assert.ok(batches >= 20 && batches <= 50, String(batches));
  });
}

function oddDatagrams(layer: UdpLayer): void {
  test('datagrams of any length up to the longest come whole, and longer ones are dropped and told', async (t) => {
    const lengths: number[] = [];
    const answer = (packet: Uint8Array, length: number): number => {
      lengths.push(length);
      assert.ok(packet.subarray(0, length).every((octet) => octet === length % 251));
      return 1;
    };
    const { port, drops } = await open(t, layer, { answer });
    const { ask, send } = await client(t, '127.0.0.1', port);
    const wanted = [0, 1, 512, 1_232, 1_500, MOST_UDP_OCTETS];
    for (const length of wanted) await ask(new Uint8Array(length).fill(length % 251));
    for (const length of [MOST_UDP_OCTETS + 1, 65_507]) send(new Uint8Array(length));
    await ask(Uint8Array.of(1));
    assert.deepEqual(lengths, [...wanted, 1]);
    assert.deepEqual(drops, ['oversized', 'oversized']);
  });

  test('the longest answer arrives whole, and no answer is none', async (t) => {
    const answer = (packet: Uint8Array, length: number): number => {
      const isNone = packet[0] === 0;
      packet.fill(length);
      return isNone ? 0 : MOST_UDP_ANSWER_OCTETS;
    };
    const { port, drops } = await open(t, layer, { answer });
    const { ask, send, received } = await client(t, '127.0.0.1', port);
    send(Uint8Array.of(0));
    assert.deepEqual(await ask(Uint8Array.of(1, 1)), Buffer.alloc(MOST_UDP_ANSWER_OCTETS, 2));
    assert.equal(received.length, 1);
    assert.deepEqual(drops, []);
  });

  test('whoever is gone before the answer leaves others served', async (t) => {
    const { port, drops } = await open(t, layer);
    const stays = await client(t, '127.0.0.1', port);
    for (let i = 0; i < 20; i += 1) {
      const goes = await client(t, '127.0.0.1', port);
      goes.send('x');
      await setImmediate();
      goes.close();
      await stays.ask('y');
    }
    assert.equal(stays.received.length, 20);
    assert.deepEqual(drops, []);
  });
}

function floods(layer: UdpLayer): void {
  test('of many datagrams at once each sender gets the answers to its own', async (t) => {
    const { port } = await open(t, layer);
    const clients = await Promise.all(Array.from({ length: 10 }, () => client(t, '127.0.0.1', port)));
    for (let i = 0; i < 50; i += 1) for (const [c, { send }] of clients.entries()) send(`${c}:${i}`);
    await eventually(() => clients.every(({ received }) => received.length === 50));
    for (const [c, { received }] of clients.entries()) {
      assert.deepEqual(
        received.map((octets) => octets.toString('latin1').replace('\x7f\0\0\x01', '')),
        Array.from({ length: 50 }, (_, i) => `${c}:${i}`),
      );
    }
  });

  test('of few or many at once those are answered that have an answer, each from the address it asked', async (t) => {
    const { port, drops } = await open(t, layer, {
      host: layer.keepsAskedAddress ? '0.0.0.0' : '127.0.0.1',
      answer: (packet, length, source) => (packet[0]! % 3 === 0 ? 0 : echo(packet, length, source)),
    });
    const hosts = ['127.0.0.1', layer.keepsAskedAddress ? '127.0.0.2' : '127.0.0.1'];
    const clients = await Promise.all(hosts.map((host) => client(t, host, port)));
    for (const most of [1, 2, 3, 4, 5, 6, 20, 40]) {
      const octets = Array.from({ length: most }, (_, i) => i);
      for (const octet of octets) for (const { send } of clients) send(Uint8Array.of(octet));
      for (const { send } of clients) send(Uint8Array.of(200)); // the last one, which is answered
      await eventually(() => clients.every(({ received }) => received.at(-1)?.[0] === 200));
      for (const { received } of clients) {
        const answered = received.splice(0).map((answer) => answer[0]!);
        assert.deepEqual(answered, [...octets.filter((octet) => octet % 3 !== 0), 200]);
      }
    }
    assert.deepEqual(drops, []);
  });

  test('a flood keeps the thread neither from its messages and timers nor from another socket', async (t) => {
    let flooded = 0;
    const { port } = await open(t, layer, { answer: () => ((flooded += 1), 1) });
    const other = await open(t, layer, { host: '127.0.0.2' });
    const { ask } = await client(t, '127.0.0.2', other.port);
    await using flood = await startUdpFlood(port);
    await eventually(() => flooded > 1_000);
    for (let i = 0; i < 20; i += 1) {
      const before = flooded;
      await flood.message(); // the flooding thread answers it, so it goes through the event loop and back
      await setTimeout(1);
      await setImmediate();
      await ask('x');
      await eventually(() => flooded > before);
    }
  });

  test('a trickle is answered while timers and messages go on', async (t) => {
    const { port } = await open(t, layer);
    const { ask } = await client(t, '127.0.0.1', port);
    for (let i = 0; i < 20; i += 1) {
      const [answer] = await Promise.all([ask('x'), setTimeout(i % 3)]);
      assert.equal(answer.length, 5);
    }
  });
}

function closing(layer: UdpLayer): void {
  test('a socket can be closed under a flood and twice, and then its port is free', async (t) => {
    let answered = 0;
    const { port, ...socket } = await open(t, layer, { answer: () => ((answered += 1), 1) });
    await using _ = await startUdpFlood(port);
    await eventually(() => answered > 100);
    await Promise.all([socket[Symbol.asyncDispose](), socket[Symbol.asyncDispose]()]);
    await socket[Symbol.asyncDispose]();
    const after = answered;
    const taker = createSocket('udp4').bind({ port, address: '127.0.0.1', exclusive: true });
    t.after(() => taker.close());
    await once(taker, 'message');
    assert.equal(answered, after);
  });

  test('of several sockets one is closed, and the others go on', async (t) => {
    const sockets = await Promise.all(Array.from({ length: 5 }, () => open(t, layer)));
    const clients = await Promise.all(sockets.map(({ port }) => client(t, '127.0.0.1', port)));
    for (const i of [2, 0, 4]) {
      await sockets[i]![Symbol.asyncDispose]();
      const again = await open(t, layer);
      await (await client(t, '127.0.0.1', again.port)).ask('x');
      await clients[1]!.ask('x');
      await clients[3]!.ask('x');
    }
  });
}
