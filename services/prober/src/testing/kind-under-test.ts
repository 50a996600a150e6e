/** What the conformance suite must know of a kind of probe: how to ask, and targets that behave in every way. */
import type { Probe } from '@signpost/contracts/probe-assignment';
import type { TestCertificates } from '@signpost/testkit/test-certificates';

/**
 * `healthy` answers as wanted and `wrong` otherwise; `huge` never ends its answer; `cut` breaks the connection in the
 * middle of it; `silent` takes the question and says nothing.
 */
export type Behaviour = 'healthy' | 'wrong' | 'huge' | 'cut' | 'silent';

export interface KindUnderTest {
  readonly name: string;
  /** Over TCP a target can also refuse, close at once, and be seen to lose its connections. */
  readonly transport: 'tcp' | 'udp';
  /** Asks over TLS. */
  readonly secure: boolean;
  /** `ca`: the authority to trust; `verify` false: none. Only with TLS. */
  probe(tls: { readonly ca?: string | undefined; readonly verify?: boolean }): Probe;
  serve(behaviour: Behaviour, place: Place): Promise<Served>;
  /** What is said of each misbehaviour. */
  readonly reasons: Readonly<Record<'refused' | 'wrong' | 'huge' | 'cut', RegExp>>;
}

export interface Place {
  readonly host: string;
  readonly certificates?: TestCertificates | undefined;
}

export interface Served extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Connections open now, and all so far; datagrams of UDP count as connections that close at once. */
  readonly open: () => number;
  readonly seen: () => number;
  /** Sockets of UDP that it holds in this process itself. */
  readonly datagramSockets: number;
}

/** The name that every probe of the suite asks for, and that good certificates are for. */
export const SERVER_NAME = 'probed.example.net';
