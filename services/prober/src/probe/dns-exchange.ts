/**
 * One DNS question to one server, over UDP from a port of its own or over TCP (RFC 7766). Messages are read whole
 * by the plain decoder; none can be longer than 65,535 octets.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { isIPv6, type Socket } from 'node:net';

import type { Check } from '@signpost/contracts/probe-assignment';
import { type Message, readMessage } from '@signpost/dns/reference/read-message';

import type { Attempt } from './attempt.ts';
import { openConnection } from './open-connection.ts';
import type { ProbeFail, ProbeInconclusive, ProbePhases } from './probe-result.ts';
import { codeOf, isOurOwnTrouble, reasonOf } from './reason.ts';
import type { ResolveAddress } from './resolve-address.ts';

export type DnsAnswer =
  | {
      readonly kind: 'answer';
      readonly message: Message;
      readonly startedMs: number;
      readonly phases: ProbePhases;
    }
  | ProbeFail
  | ProbeInconclusive;

/** Whether a message is the answer to what was asked. */
type Accepts = (message: Message) => boolean;

export async function askOverUdp(
  packet: Uint8Array,
  accepts: Accepts,
  check: Check,
  resolve: ResolveAddress,
  attempt: Attempt,
): Promise<DnsAnswer> {
  const beganMs = performance.now();
  const resolving = resolve(check.address, check.families);
  attempt.enter('resolving the name', resolving.isHeldUp);
  const resolved = await resolving.answer;
  if (resolved.kind !== 'address') return resolved;

  attempt.enter('waiting for an answer');
  const startedMs = performance.now();
  const socket = createSocket(isIPv6(resolved.address) ? 'udp6' : 'udp4');
  attempt.own({ on: (event, listener) => socket.on(event, listener), destroy: () => closeOnce(socket) });
  const received = await new Promise<Message | Error>((settle) => {
    socket.on('error', settle);
    socket.on('message', (octets: Buffer) => {
      const message = readOr(octets);
      // Over UDP anybody can send rubbish: only what fits ends the wait.
      if (message !== undefined && accepts(message)) settle(message);
    });
    // Connected, so that the kernel drops what others send, and tells when the port is closed.
    // Node gives the callback what went wrong, no route to a family among it, and a socket not connected throws.
    socket.connect(check.port, resolved.address, (error?: Error) => {
      if (error === undefined) socket.send(packet);
      else settle(error);
    });
  });
  if (received instanceof Error) return trouble(received);
  const nowMs = performance.now();
  return {
    kind: 'answer',
    message: received,
    startedMs,
    phases: { resolve: startedMs - beganMs, answer: nowMs - startedMs },
  };
}

export async function askOverTcp(
  packet: Uint8Array,
  accepts: Accepts,
  check: Check,
  resolve: ResolveAddress,
  attempt: Attempt,
): Promise<DnsAnswer> {
  const opened = await openConnection(check, resolve, attempt);
  if (opened.kind !== 'open') return opened;
  const { socket, startedMs, phases } = opened;
  attempt.enter('waiting for an answer');
  const sentMs = performance.now();
  socket.write(Buffer.concat([Buffer.of(packet.length >> 8, packet.length & 0xff), packet]));
  const octets = await firstMessage(socket);
  if (typeof octets === 'string') return { kind: 'fail', reason: octets };
  const message = readOr(octets);
  if (message === undefined) return { kind: 'fail', reason: 'answer is not DNS' };
  if (!accepts(message)) return { kind: 'fail', reason: 'answer is to another question' };
  return {
    kind: 'answer',
    message,
    startedMs,
    phases: { ...phases, answer: performance.now() - sentMs },
  };
}

/** Two octets of length and so many of message; the reason when they do not come whole. */
function firstMessage(socket: Socket): Promise<Buffer | string> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let octets = 0;
    socket.on('data', (part: Buffer) => {
      parts.push(part);
      octets += part.length;
      if (octets < 2) return;
      const head = parts[0]!.length >= 2 ? parts[0]! : Buffer.concat(parts);
      const length = head.readUInt16BE(0);
      if (octets < 2 + length) return;
      socket.pause();
      resolve(Buffer.concat(parts).subarray(2, 2 + length));
    });
    socket.on('error', (error) => resolve(reasonOf(error)));
    const ended = () => resolve('connection closed before the answer was whole');
    socket.once('end', ended);
    socket.once('close', ended);
  });
}

function readOr(octets: Uint8Array): Message | undefined {
  try {
    return readMessage(octets);
  } catch {
    return undefined;
  }
}

function trouble(error: Error): ProbeFail | ProbeInconclusive {
  if (isOurOwnTrouble(error)) {
    return { kind: 'inconclusive', reason: `prober is short of resources (${codeOf(error)})` };
  }
  const refused = codeOf(error) === 'ECONNREFUSED';
  return { kind: 'fail', reason: refused ? 'port is closed' : reasonOf(error) };
}

/** Closing twice throws. */
function closeOnce(socket: UdpSocket): void {
  try {
    socket.close();
  } catch {
    // It was closed by its own error.
  }
}
