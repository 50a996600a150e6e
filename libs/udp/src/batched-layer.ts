/**
 * UDP by the addon: many datagrams by one system call, answered in the memory they came in. One for each thread, whose
 * sockets take turns with one batch of slots.
 *
 *   the event loop finds a socket ready -> receive batch -> answer each in place -> send, wait, receive the next
 *
 * While datagrams come the thread stays in this loop, blocked in the kernel between batches, and leaves it as soon as
 * the event loop has anything else to do: messages, TCP, timers.
 */
import type { UdpDrop, UdpLayer, UdpSocket, UdpSocketOptions } from '@signpost/contracts/udp-layer';
import { getSystemErrorMessage, getSystemErrorName } from 'node:util';

import { type Addon, loadAddon } from './addon.ts';

/** Batches that are still answered when a socket closes: what came in time waits in the kernel. */
const LAST_BATCHES = 64;
/**
 * In a batch of so few each answer leaves before the next is made: there is time for the system calls, and nobody waits
 * for the answers of others.
 */
const MOST_SENT_ALONE = 4;
/** Offsets in `sockaddr_in` and `sockaddr_in6`. */
const IPV4_AT = 4;
const IPV6_AT = 8;

let layer: BatchedLayer | undefined;

/** The same for all calls in a thread; undefined: the addon is not here. */
export function batchedLayer(): UdpLayer | undefined {
  if (layer !== undefined) return layer;
  const loaded = loadAddon();
  if (loaded.kind === 'loaded') layer = new BatchedLayer(loaded.addon);
  return layer;
}

class BatchedLayer implements UdpLayer {
  readonly name = 'batched';
  readonly keepsAskedAddress = true;
  readonly #addon: Addon;
  readonly #lengths: Int32Array;
  readonly #answerLengths: Int32Array;
  /** Which socket's datagrams are in the slots, and how many answers did not go the last time. */
  readonly #turn = new Int32Array(2);
  /** Views of each slot, made once. */
  readonly #packets: readonly Uint8Array[];
  readonly #sources: Readonly<Record<4 | 6, readonly Uint8Array[]>>;
  /** By the addon's index. */
  readonly #sockets: (UdpSocketOptions | undefined)[] = [];

  constructor(addon: Addon) {
    const { slots, packetStride, nameStride } = addon;
    const packets = new Uint8Array(slots * packetStride);
    const names = new Uint8Array(slots * nameStride);
    this.#addon = addon;
    this.#lengths = new Int32Array(slots);
    this.#answerLengths = new Int32Array(slots);
    this.#packets = views(packets, slots, packetStride, 0, addon.packetOctets);
    this.#sources = {
      4: views(names, slots, nameStride, IPV4_AT, 4),
      6: views(names, slots, nameStride, IPV6_AT, 16),
    };
    const onReady = (index: number): void => this.#serve(index);
    const code = addon.start(onReady, packets, names, this.#lengths, this.#answerLengths, this.#turn);
    if (code < 0) throw systemError(code, 'start');
  }

  async open(options: UdpSocketOptions): Promise<UdpSocket> {
    const { family, host, port, receiveBufferOctets } = options;
    const index = this.#addon.open(family, host, port, receiveBufferOctets);
    if (index < 0) throw systemError(index, 'bind');
    this.#sockets[index] = options;
    let isOpen = true;
    return {
      port: this.#addon.port(index),
      [Symbol.asyncDispose]: async () => {
        if (!isOpen) return;
        isOpen = false;
        this.#close(index);
      },
    };
  }

  /** Begins with the socket that is ready and goes on with any that has something. */
  #serve(first: number): void {
    let index = first;
    let socket = this.#sockets[index];
    let count = this.#addon.receive(index);
    while (count > 0 && socket !== undefined) {
      const unsent = this.#answer(socket, index, count);
      count = this.#addon.next(index, unsent, count);
      tell(socket, 'send_failed', this.#turn[1]!);
      index = this.#turn[0]!;
      socket = this.#sockets[index];
    }
    if (count < 0) socket?.onDrop('receive_failed');
  }

  /** Writes the answers to all that is in the slots, and returns the first of those that are still to be sent. */
  #answer(socket: UdpSocketOptions, index: number, count: number): number {
    const { answer, onDrop } = socket;
    const sources = this.#sources[socket.family];
    socket.onBatch();
    for (let i = 0; i < count; i += 1) {
      const length = this.#lengths[i]!;
      if (length < 0) onDrop('oversized');
      this.#answerLengths[i] = length < 0 ? 0 : answer(this.#packets[i]!, length, sources[i]!);
      const isAlone = count <= MOST_SENT_ALONE && i < count - 1;
      if (isAlone) tell(socket, 'send_failed', this.#addon.send(index, i, i + 1));
    }
    return count <= MOST_SENT_ALONE ? count - 1 : 0;
  }

  #close(index: number): void {
    const socket = this.#sockets[index]!;
    const addon = this.#addon;
    for (let i = 0, count = addon.slots; i < LAST_BATCHES && count === addon.slots; i += 1) {
      count = addon.receive(index);
      if (count <= 0) break;
      const unsent = this.#answer(socket, index, count);
      tell(socket, 'send_failed', addon.send(index, unsent, count));
    }
    this.#addon.close(index);
    this.#sockets[index] = undefined;
  }
}

function tell({ onDrop }: UdpSocketOptions, reason: UdpDrop, times: number): void {
  for (let i = 0; i < times; i += 1) onDrop(reason);
}

function views(
  memory: Uint8Array,
  slots: number,
  stride: number,
  at: number,
  length: number,
): readonly Uint8Array[] {
  return Array.from({ length: slots }, (_, i) => memory.subarray(i * stride + at, i * stride + at + length));
}

function systemError(code: number, syscall: string): NodeJS.ErrnoException {
  const name = getSystemErrorName(code);
  const message = `${syscall} ${name}: ${getSystemErrorMessage(code)}`;
  return Object.assign(new Error(message), { code: name, errno: code, syscall });
}
