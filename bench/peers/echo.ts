/** The bare C program that sends back what it gets: the floor of UDP sockets. */
import { compileNative } from './compile-native.ts';
import type { Peer } from './peer.ts';

export const echo: Peer = {
  name: 'echo',
  packages: {},
  kinds: ['plain'],
  steersBy: 'echo',
  prepare: async ({ directory, port }) => [
    await compileNative('udp-echo', directory),
    '127.0.0.1',
    String(port),
  ],
};
