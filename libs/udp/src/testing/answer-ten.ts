/** For tests: ten datagrams in one batch, and one after them; prints as JSON which answers came and what was dropped. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

import type { UdpDrop } from '@signpost/contracts/udp-layer';

import { udpLayer } from '../udp-layer.ts';

const drops: UdpDrop[] = [];
const answers: number[] = [];
await using server = await udpLayer('batched').open({
  family: 4,
  host: '127.0.0.1',
  port: 0,
  receiveBufferOctets: 65_536,
  onBatch: () => {},
  answer: (_packet, length) => length,
  onDrop: (reason) => drops.push(reason),
});
const client = createSocket('udp4');
client.on('message', (packet) => answers.push(packet[0]!));
client.connect(server.port, '127.0.0.1');
await once(client, 'connect');
for (let i = 0; i < 10; i += 1) client.send(Uint8Array.of(i)); // all are in the kernel before the event loop turns
while (answers.length + drops.length < 10)
  await once(client, 'message', { signal: AbortSignal.timeout(5_000) });
client.send(Uint8Array.of(10));
while (!answers.includes(10)) await once(client, 'message', { signal: AbortSignal.timeout(5_000) });
client.close();
process.stdout.write(JSON.stringify({ answers, drops: drops.length }));
