/** The addon as it is compiled from `native/`, where it is: functions of numbers over memory that both sides know. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Sockets have small indexes. What can fail returns a negative errno. */
export interface Addon {
  readonly version: number;
  /** Datagrams of one batch. */
  readonly slots: number;
  readonly packetOctets: number;
  readonly packetStride: number;
  /** Octets of a sender's name in `names`, which is a `sockaddr_in` or `sockaddr_in6`. */
  readonly nameStride: number;
  /** Once in each thread; `onReady` is called from the event loop. */
  start(
    onReady: (index: number) => void,
    packets: Uint8Array,
    names: Uint8Array,
    lengths: Int32Array,
    answerLengths: Int32Array,
    turn: Int32Array,
  ): number;
  open(family: number, host: string, port: number, receiveBufferOctets: number): number;
  port(index: number): number;
  /** How many datagrams are in the slots now; -1 in `lengths` is one that was too long. */
  receive(index: number): number;
  /** Sends the answers of the slots from `from` to before `end`; returns how many did not go. */
  send(index: number, from: number, end: number): number;
  /**
   * Sends the answers of those slots likewise, waits for datagrams and receives them: how many are in the slots now, or
   * 0 when the event loop has something else to do. Then `turn` holds the index of their socket, and how many answers
   * did not go.
   */
  next(index: number, from: number, end: number): number;
  close(index: number): void;
}

export type LoadedAddon =
  | { readonly kind: 'loaded'; readonly addon: Addon }
  | { readonly kind: 'missing'; readonly reason: string };

/** `ADDON_VERSION` in native/addon.c. */
const VERSION = 4;
const FILE = new URL('../build/udp.node', import.meta.url);
const REMEDY = '"npm run build:udp" compiles it';

/** The same for all calls in a thread. */
export function loadAddon(): LoadedAddon {
  const file = fileURLToPath(FILE);
  if (!existsSync(file)) return { kind: 'missing', reason: `it is not compiled: ${REMEDY}` };
  try {
    const addon = createRequire(import.meta.url)(file) as Addon;
    if (addon.version === VERSION) return { kind: 'loaded', addon };
    return { kind: 'missing', reason: `it was compiled from other sources: ${REMEDY}` };
  } catch (error) {
    return { kind: 'missing', reason: `it cannot be loaded: ${(error as Error).message}` };
  }
}
