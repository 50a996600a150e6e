/**
 * Malformed, odd and hostile packets, over UDP and TCP, to our process and to NSD, Knot and BIND: ours answers each as
 * the RFCs allow, and a control query after each group. The peers show whether what is expected is reasonable.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { EdnsOption } from '@signpost/dns/constants';
import { readMessage } from '@signpost/dns/reference/read-message';
import { eventually } from '@signpost/testkit/eventually';
import { UDP_LAYERS } from '@signpost/testkit/udp-layers';

import { type NameServer, SERVERS } from '../differential/name-servers.ts';
import { EDNS } from './cases/edns.ts';
import { HEADERS } from './cases/headers.ts';
import { QUESTIONS } from './cases/questions.ts';
import { STREAMS } from './cases/streams.ts';
import { hostileServers } from './hostile-servers.ts';
import { type Asked, judgeResponse } from './judge-response.ts';
import type { MustGroup, TcpCase } from './must-case.ts';
import { cookie, subnet, withEdns } from './packet.ts';
import { framed, openTcpClient } from './tcp-client.ts';
import { openUdpClient, type UdpClient } from './udp-client.ts';

const GROUPS: readonly MustGroup[] = [...HEADERS, ...QUESTIONS, ...EDNS];

interface Outcome {
  readonly what: string;
  readonly faults: readonly string[];
}

/** Figures worth comparing are added to `figures`. */
export async function checkMustCases(t: TestContext, figures: string[]): Promise<void> {
  const counts: string[] = [];
  let total = 0;
  for await (const server of hostileServers(t, SERVERS, UDP_LAYERS)) {
    const { name } = server;
    const outcomes = await runAll(server);
    const failed = outcomes.filter(({ faults }) => faults.length > 0);
    total = outcomes.length;
    counts.push(`${name} ${total - failed.length}`);
    show(t, name, failed);
    if (name !== 'signpost') continue;
    assert.ok(total >= 300, `${total} cases`);
    assert.deepEqual(failed, []);
  }
  figures.push(`of ${total} must cases, control queries among them: ${counts.join(', ')}`);
}

function show(t: TestContext, name: string, failed: readonly Outcome[]): void {
  for (const { what, faults } of failed) t.diagnostic(`${name}, ${what}: ${faults.join(', ')}`);
}

async function runAll(server: NameServer): Promise<Outcome[]> {
  const waitMs = waitFor(server);
  using udp = await openUdpClient(server.port, waitMs);
  const speaks = await whatItSpeaks(udp);
  const outcomes: Outcome[] = [];
  for (const group of GROUPS) {
    for (const transport of group.transports ?? (['udp', 'tcp'] as const)) {
      for (const [index, [what, octets, allowed]] of group.cases.entries()) {
        const packet = withId(octets, index + 1);
        const asked: Asked = { packet, allowed, transport, speaks };
        const ask = () =>
          transport === 'udp' ? udp.ask(packet, mayBeSilent(allowed)) : askTcp(server, asked);
        // A peer gets a second chance, since UDP may lose a packet; ours does not.
        const response = (await ask()) ?? (server.name === 'signpost' ? undefined : await ask());
        outcomes.push({
          what: `${group.name}, ${what}, ${transport}`,
          faults: judgeResponse(asked, response, server.name === 'signpost'),
        });
      }
      outcomes.push(await control(server, udp, `${group.name}, ${transport}`));
    }
  }
  for (const stream of STREAMS) {
    outcomes.push({ what: `streams, ${stream.what}`, faults: await runStream(server, stream, speaks) });
  }
  outcomes.push(await control(server, udp, 'streams'));
  return outcomes;
}

async function whatItSpeaks(udp: UdpClient): Promise<Asked['speaks']> {
  const probe = withId(withEdns([...subnet(1, 24, 0, [192, 0, 2]), ...cookie(8)]), 1);
  const response = await eventually(
    () => udp.ask(probe, false),
    (given) => given !== undefined,
  );
  const codes = readMessage(response!).edns?.options.map(({ code }) => code) ?? [];
  return { ecs: codes.includes(EdnsOption.CLIENT_SUBNET), cookies: codes.includes(EdnsOption.COOKIE) };
}

/** Over both transports, since each may stop alone. */
async function control(server: NameServer, udp: UdpClient, after: string): Promise<Outcome> {
  const asked = withId(withEdns(), 0x1234);
  const isAnswered = await udp.control();
  using client = await openTcpClient(server.port);
  await client.write(framed(asked));
  const response = await client.response(0x1234);
  const faults = [
    isAnswered ? '' : 'not answered over UDP',
    response?.[7] === 1 ? '' : 'not answered over TCP',
  ];
  return { what: `a control query after ${after}`, faults: faults.filter(Boolean) };
}

/** Silence is told from slowness by a query behind the packet, on the same connection. */
async function askTcp(server: NameServer, { packet, allowed }: Asked): Promise<Buffer | undefined> {
  using client = await openTcpClient(server.port);
  await client.write(framed(packet));
  const id = packet.length < 2 ? 0 : (packet[0]! << 8) | packet[1]!;
  if (!mayBeSilent(allowed)) return await client.response(id, waitFor(server));
  await client.write(framed(withId(withEdns(), 0x7fff)));
  await client.response(0x7fff);
  return client.responses.get(id);
}

async function runStream(server: NameServer, stream: TcpCase, speaks: Asked['speaks']): Promise<string[]> {
  using client = await openTcpClient(server.port);
  for (const segment of stream.segments) {
    await client.write(segment);
    await nextTurn();
  }
  if (stream.ends === true) client.socket.end();
  const faults: string[] = [];
  for (const [id, allowed] of stream.allowed) {
    const response = mayBeSilent(allowed)
      ? await client.response(id, 300)
      : await client.response(id, waitFor(server));
    const packet = Buffer.alloc(12);
    packet.writeUInt16BE(id, 0);
    if (response !== undefined) packet.writeUInt16BE(response.readUInt16BE(4), 4);
    faults.push(
      ...judgeResponse(
        { packet: echoing(packet, response), allowed, transport: 'tcp', speaks },
        response,
        server.name === 'signpost',
      ),
    );
  }
  return faults;
}

/** Here the question is known by its id, so that the response's own stands for it. */
function echoing(header: Buffer, response: Buffer | undefined): Buffer {
  return Buffer.concat([header, response?.subarray(12) ?? Buffer.alloc(0)]);
}

/** A peer that is silent where it should not be holds the test up no longer than this. */
function waitFor({ name }: NameServer): number {
  return name === 'signpost' ? 2_000 : 500;
}

function mayBeSilent(allowed: string): boolean {
  return /silence|may-drop/.test(allowed);
}

function withId(octets: Uint8Array, id: number): Uint8Array {
  const packet = Uint8Array.from(octets);
  if (packet.length > 0) packet[0] = id >> 8;
  if (packet.length > 1) packet[1] = id;
  return packet;
}
