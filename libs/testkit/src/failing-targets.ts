/**
 * Many targets in one process, one per address, that fail as they are told, so that a test can also stop the process
 * and with it all of them. Reads lines from its input: first a `FailingTargetsStart` as JSON, then
 * `ADDRESS BEHAVIOUR`, as often as it takes. Prints `ready`; ends with its input. Started by start-failing-targets.ts.
 */
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type Server } from 'node:net';
import { createInterface } from 'node:readline';

import type { FailingTargetsStart, TargetFailure } from './start-failing-targets.ts';

interface Target {
  readonly door: Server;
  behaviour: TargetFailure;
  requests: number;
}

const targets = new Map<string, Target>();
let start: FailingTargetsStart | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  if (start === undefined) await open((start = JSON.parse(line) as FailingTargetsStart));
  else await behave(start.port, ...(line.split(' ') as [string, TargetFailure]));
}
process.exit();

async function open({ addresses, port, certificates }: FailingTargetsStart): Promise<void> {
  const plain = createHttpServer(answer);
  const valid = certificates && createHttpsServer(certificates.valid, answer);
  const expired = certificates && createHttpsServer(certificates.expired, answer);
  for (const server of [valid, expired]) server?.on('tlsClientError', () => {});
  for (const address of addresses) {
    const door = createServer((socket) => {
      socket.on('error', () => {}); // probers come and go as they like
      const { behaviour } = targets.get(address)!;
      if (behaviour === 'reset') socket.resetAndDestroy();
      else ((behaviour === 'expired' ? expired : valid) ?? plain).emit('connection', socket);
    });
    targets.set(address, { door, behaviour: 'well', requests: 0 });
    await listen(door, port, address);
  }
  console.log('ready');
}

async function listen(door: Server, port: number, address: string): Promise<void> {
  door.listen(port, address, 1_024);
  await once(door, 'listening');
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const target = targets.get(request.socket.localAddress ?? '')!;
  target.requests += 1;
  const fails =
    target.behaviour === 'status-500' || (target.behaviour === 'each-fifth-500' && target.requests % 5 === 0);
  response.statusCode = fails ? 500 : 200;
  response.end(target.behaviour === 'wrong-body' ? 'sorry, we are closed\n' : 'all is well\n');
}

async function behave(port: number, address: string, behaviour: TargetFailure): Promise<void> {
  const target = targets.get(address)!;
  target.behaviour = behaviour;
  if (behaviour === 'refuse') target.door.close();
  else if (!target.door.listening) await listen(target.door, port, address);
}
