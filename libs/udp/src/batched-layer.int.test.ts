/** The addon against the suite of the port, and the end of a thread that has sockets open. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

import { udpConformance } from '@signpost/testkit/udp-conformance';

import { batchedLayer } from './batched-layer.ts';
import { dgramLayer } from './dgram-layer.ts';
import { batchedIsMissing } from './udp-layer.ts';

const layer = batchedLayer();
if (layer !== undefined) udpConformance(layer);

test(
  'a thread ends with sockets open, at whatever moment, and their port is free',
  { skip: batchedIsMissing() },
  async () => {
    const source = `
    import { batchedLayer } from ${JSON.stringify(import.meta.resolve('./batched-layer.ts'))};
    import { parentPort } from 'node:worker_threads';
    const options = { family: 4, host: '127.0.0.1', receiveBufferOctets: 65_536, onBatch() {}, answer: () => 0, onDrop() {} };
    const { port } = await batchedLayer().open({ ...options, port: 0 });
    const second = await batchedLayer().open({ ...options, port });
    await second[Symbol.asyncDispose]();
    parentPort.postMessage(port);
  `;
    for (let i = 0; i < 5; i += 1) {
      const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
      const [port] = (await once(worker, 'message')) as [number];
      await worker.terminate();
      const options = { family: 4, host: '127.0.0.1', port, receiveBufferOctets: 65_536 } as const;
      const ignore = { onBatch: () => {}, answer: () => 0, onDrop: () => {} };
      await using socket = await dgramLayer.open({ ...options, ...ignore });
      assert.equal(socket.port, port);
    }
  },
);
