/** Datagrams without end at one port, from a thread of its own, which also answers messages. It ends when disposed. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

export interface UdpFlood extends AsyncDisposable {
  /** Resolves when the flooding thread has sent a message back. */
  message(): Promise<void>;
}

/** In one turn of its event loop. */
const AT_ONCE = 100;

export async function startUdpFlood(port: number): Promise<UdpFlood> {
  const worker = new Worker(import.meta.filename, { workerData: port });
  await once(worker, 'online');
  return {
    async message() {
      const answered = once(worker, 'message');
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage('');
      await answered;
    },
    [Symbol.asyncDispose]: async () => void (await worker.terminate()),
  };
}

function flood(target: number): void {
  const socket = createSocket('udp4');
  const octets = Buffer.alloc(40);
  const send = (): void => {
    for (let i = 0; i < AT_ONCE; i += 1) socket.send(octets);
    setImmediate(send);
  };
  socket.on('error', () => {}); // the port is closed
  socket.connect(target, '127.0.0.1', send);
  const port = parentPort!;
  port.on('message', () => port.postMessage(''));
}

if (!isMainThread && typeof workerData === 'number') flood(workerData);
