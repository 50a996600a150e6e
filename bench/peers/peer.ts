/** What a server that is measured beside ours must tell of itself, and the zone file that several of them take. */
import type { ServerName } from './options.ts';
import { apexOf, type Kind, NAMES, ownerOf, TTL } from './workload.ts';

export interface PeerHome {
  /** Empty, and gone after the bench. */
  readonly directory: string;
  /** Of 127.0.0.1, free for UDP and TCP. */
  readonly port: number;
  /** In GeoIP2 layout. */
  readonly database: string;
}

export interface Peer {
  readonly name: Exclude<ServerName, 'ours' | 'ours-2'>;
  /** Debian's packages, each with a file that is there once it is installed. */
  readonly packages: Readonly<Record<string, string>>;
  /** Zones that it can answer. */
  readonly kinds: readonly Kind[];
  /** `places`: by the client's continent. `nobody`: the same for all. `echo`: it answers nothing. */
  readonly steersBy: 'places' | 'nobody' | 'echo';
  /** Writes its configuration; returns the command that runs it in the foreground, which must take the signal to end. */
  prepare(home: PeerHome): Promise<readonly string[]>;
}

/** `records` gives the lines of each name, without the owner. */
export function zoneFile(kind: Kind, record: string): string {
  const apex = apexOf(kind);
  return [
    `$ORIGIN ${apex}.`,
    `@ ${TTL} SOA ns1.${apex}. dns.${apex}. 1 3600 600 1209600 30`,
    `@ ${TTL} NS ns1.${apex}.`,
    `ns1 ${TTL} A 192.0.2.53`,
    ...Array.from({ length: NAMES }, (_, i) => `${ownerOf(i)} ${TTL} ${record}`),
    '',
  ].join('\n');
}
