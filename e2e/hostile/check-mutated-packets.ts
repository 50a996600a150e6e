/**
 * Mutated packets to our process and to NSD, Knot and BIND over UDP. Ours lives, does not grow, answers each control
 * query between them, and sends nobody who asks wrongly much more than he sent.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

import { mutatedPackets } from '@signpost/dns/testing/mutated-packets';
import { scaled, showProgress } from '@signpost/testkit/test-scale';
import { UDP_LAYERS } from '@signpost/testkit/udp-layers';

import { type NameServer, SERVERS } from '../differential/name-servers.ts';
import { hostileServers } from './hostile-servers.ts';
import { MOST_ADDED } from './judge-response.ts';
import { residentMegabytes } from './process-memory.ts';
import { FIRST_CONTROL_ID, openUdpClient } from './udp-client.ts';

/** Packets that are on their way at once; a control query follows each such batch, and its answer is waited for. */
const BATCH = 50;
/** Heaps find their size while the first packets are answered; what comes after is growth. */
const WARM_UP = 20_000;
/** Ours may grow by as much: a heap that is collected breathes. 1,000,000 packets that each left 64 octets would be as much. */
const MOST_GROWTH_MEGABYTES = 64;
const SEED = 100_000;
/** Enough to compare with. */
const MOST_FOR_PEERS = 100_000;

interface Figures {
  readonly sent: number;
  readonly responses: number;
  readonly controls: number;
  readonly missed: number;
  /** Response octets for each query octet, at worst: of any response, and the most a refusal had more than its query. */
  readonly amplification: number;
  readonly added: number;
  readonly megabytes: readonly [before: number, after: number];
}

/** Figures worth comparing are added to `figures`. */
export async function checkMutatedPackets(t: TestContext, figures: string[]): Promise<void> {
  const count = scaled({ slice: 30_000, full: 1_000_000 });
  for await (const server of hostileServers(t, SERVERS, UDP_LAYERS)) {
    const { name } = server;
    const seen = await mistreat(server, name === 'signpost' ? count : Math.min(count, MOST_FOR_PEERS));
    figures.push(`mutated packets: ${shown(server, seen)}`);
    if (name !== 'signpost') continue;
    const { missed, responses, added, megabytes } = seen;
    assert.equal(server.isRunning(), true);
    assert.equal(missed, 0);
    assert.ok(responses > count / 2, `${responses} of ${count} were answered`);
    assert.ok(added <= MOST_ADDED, `a refusal had ${added} octets more than its query`);
    assert.ok(megabytes[1] - megabytes[0] < MOST_GROWTH_MEGABYTES, `grew from ${megabytes.join(' to ')} MiB`);
  }
}

async function mistreat(server: NameServer, count: number): Promise<Figures> {
  using client = await openUdpClient(server.port);
  const show = showProgress(`mutated packets, ${server.name}`, count);
  const lengths = new Map<number, number>();
  let [responses, amplification, added, before] = [0, 0, 0, 0];
  client.onResponse = (response) => {
    const length = response.length < 12 ? undefined : lengths.get(response.readUInt16BE(0));
    if (length === undefined) return;
    responses += 1;
    amplification = Math.max(amplification, response.length / length);
    const rcode = response[3]! & 0xf; // BADVERS is NOERROR here, and as small
    if (rcode !== 0 && rcode !== 3) added = Math.max(added, response.length - length);
  };
  let sent = 0;
  for (const packet of mutatedPackets(SEED, WARM_UP + count)) {
    const id = sent % FIRST_CONTROL_ID;
    if (packet.length > 1) {
      packet[0] = id >> 8;
      packet[1] = id & 0xff;
    }
    lengths.set(id, packet.length);
    client.send(packet);
    sent += 1;
    if (sent % BATCH !== 0) continue;
    if (!(await client.control()) && !server.isRunning()) break;
    if (sent === WARM_UP) before = residentMegabytes(server.pid);
    if (sent > WARM_UP) show(sent - WARM_UP);
  }
  const { controls, missed } = client;
  const after = server.isRunning() ? residentMegabytes(server.pid) : Infinity;
  return { sent, responses, controls, missed, amplification, added, megabytes: [before, after] };
}

function shown({ name, isRunning }: NameServer, figures: Figures): string {
  const { sent, responses, controls, missed, amplification, added, megabytes } = figures;
  return [
    `${name} ${isRunning() ? 'lives' : 'ended'}`,
    `${sent} packets, ${responses} responses`,
    `${missed} of ${controls} control queries missed`,
    `at worst ${amplification.toFixed(1)} octets for one, refusals ${added} more than the query`,
    `${megabytes.map((value) => value.toFixed(1)).join(' to ')} MiB`,
  ].join('; ');
}
