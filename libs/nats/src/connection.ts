/**
 * The connection to NATS: made once with patience, then kept by the client itself without end. Knows whether the
 * server is reached; whoever asks for something while it is not gets an error at once, since the client would
 * else keep messages and send them stale. It must not know of streams or buckets.
 */
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';

import {
  connect,
  credsAuthenticator,
  type NatsConnection,
  type NodeConnectionOptions,
  type TlsOptions,
} from '@nats-io/transport-node';
import { MessagingError } from '@signpost/contracts/messaging';

import { pause, pauseMs } from './backoff.ts';

export interface NatsOptions {
  /** One or several, also separated by commas. User and password may stand in the first; `tls://` asks for TLS. */
  readonly url: string | readonly string[];
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
  /** A `.creds` file with a JWT and its seed; read anew at each attempt. */
  readonly credsFile?: string;
  readonly tls?: TlsOptions;
  /** How the server's monitoring calls this client. */
  readonly name: string;
  /** Copies of a stream that this client creates, in a cluster of servers. Default 1. */
  readonly replicas?: number;
  /**
   * Prefix of the subjects that answers come to. Default `_INBOX.<user>`, so that a server may let each user read
   * its own answers alone; without a user, or with one that is no subject token, `_INBOX`.
   */
  readonly inboxPrefix?: string;
  /** Ends the attempts to connect for the first time; later only disposal ends the connection. */
  readonly signal: AbortSignal;
  /** Told of each failed attempt to connect for the first time, counted from 1. */
  readonly onConnectFailed?: (error: unknown, attempt: number) => void;
  /** Told of what has no caller to reject to: thrown by a listener, refused permission. Default: nobody is. */
  readonly onError?: (error: unknown) => void;
}

/** A silent server is noticed after two to three of these. */
const PING_INTERVAL_MS = 2_000;
const DIAL_TIMEOUT_MS = 3_000;
const GOODBYE_MS = 1_000;

export class Connection implements AsyncDisposable {
  readonly nats: NatsConnection;
  readonly onError: (error: unknown) => void;
  readonly inboxPrefix: string | undefined;
  /** Fires at disposal. */
  readonly closed: AbortSignal;
  readonly #closed = new AbortController();
  readonly #listeners = new Set<(connected: boolean) => void>();
  #connected = true;

  constructor(nats: NatsConnection, options: NatsOptions, failures: Failures) {
    this.nats = nats;
    this.onError = options.onError ?? (() => {});
    this.inboxPrefix = inboxPrefixOf(options);
    this.closed = this.#closed.signal;
    void this.#followStatus(failures);
  }

  connected(): boolean {
    return this.#connected;
  }

  onConnected(listener: (connected: boolean) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Throws `MessagingError` when the server is not reached, or would end the connection over so many octets. */
  check(doing: string, size = 0): void {
    if (!this.#connected) throw new MessagingError(`${doing}: not connected`);
    const most = this.nats.info?.max_payload ?? Infinity;
    if (size > most) throw new MessagingError(`${doing}: ${size} octets, and the server takes ${most}`);
  }

  /** Calls what a user of the port gave us; what it throws must not reach the client's parser. */
  guarded(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.onError(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new MessagingError('the client is disposed'));
    if (this.nats.isClosed()) return;
    if (this.#connected) {
      const timer = Promise.withResolvers<void>();
      const timeout = setTimeout(timer.resolve, GOODBYE_MS);
      await Promise.race([this.nats.flush().catch(() => {}), timer.promise]);
      clearTimeout(timeout);
    }
    await this.nats.close();
    this.#set(false);
  }

  async #followStatus(failures: Failures): Promise<void> {
    for await (const status of this.nats.status()) {
      if (status.type === 'disconnect') this.#set(false);
      else if (status.type === 'reconnecting') failures.count += 1;
      else if (status.type === 'reconnect') {
        failures.count = 0;
        this.#set(true);
      } else if (status.type === 'error') this.onError(status.error);
    }
    this.#set(false);
  }

  #set(connected: boolean): void {
    if (this.#connected === connected) return;
    this.#connected = connected;
    for (const listener of this.#listeners) this.guarded(() => listener(connected));
  }
}

/** Tries until it succeeds or the signal fires, whose reason it then rejects with. */
export async function openConnection(options: NatsOptions): Promise<Connection> {
  const { signal, onConnectFailed = () => {} } = options;
  const failures: Failures = { count: 0 };
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      const nats = await connect(await clientOptions(options, failures));
      failures.count = 0;
      const connection = new Connection(nats, options, failures);
      if (!signal.aborted) return connection;
      await connection[Symbol.asyncDispose]();
    } catch (error) {
      onConnectFailed(error, attempt);
      await pause(attempt - 1, signal);
    }
  }
}

/** Attempts since the connection was lost; the pauses grow with it. */
interface Failures {
  count: number;
}

async function clientOptions(options: NatsOptions, failures: Failures): Promise<NodeConnectionOptions> {
  const { url, user, pass, token, credsFile, tls, name } = options;
  const servers = parseServers(url);
  const inboxPrefix = inboxPrefixOf(options);
  const credentials = user === undefined ? servers.credentials : { user, pass: pass ?? '' };
  return {
    servers: servers.addresses,
    name,
    ...credentials,
    ...(token === undefined ? {} : { token }),
    ...(credsFile === undefined ? {} : { authenticator: credsAuthenticator(await readFile(credsFile)) }),
    ...(tls !== undefined || servers.tls ? { tls: { ...checkAddress(servers), ...tls } } : {}),
    ...(inboxPrefix === undefined ? {} : { inboxPrefix }),
    timeout: DIAL_TIMEOUT_MS,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: 2,
    reconnect: true,
    maxReconnectAttempts: -1,
    // Credentials are mended on the server without us being restarted.
    ignoreAuthErrorAbort: true,
    reconnectDelayHandler: () => pauseMs(failures.count),
  };
}

/**
 * The client knows no name for a server that is given by its address, and then Node would look for "localhost" in
 * the certificate. It must be for one of the addresses given.
 */
function checkAddress({ addresses }: Servers) {
  const hosts = addresses.map((address) =>
    address.slice(0, address.lastIndexOf(':')).replace(/^\[|\]$/g, ''),
  );
  if (hosts.some((host) => isIP(host) === 0)) return {};
  return {
    checkServerIdentity: (_name: string, certificate: PeerCertificate) => {
      const refusals = hosts.map((host) => checkServerIdentity(host, certificate));
      return refusals.includes(undefined) ? undefined : refusals[0];
    },
  };
}

function inboxPrefixOf({ url, user, inboxPrefix }: NatsOptions): string | undefined {
  if (inboxPrefix !== undefined) return inboxPrefix;
  const name = user ?? parseServers(url).credentials.user ?? '';
  return /^[\w-]+$/.test(name) ? `_INBOX.${name}` : undefined;
}

export interface Servers {
  readonly addresses: string[];
  readonly tls: boolean;
  readonly credentials: { readonly user: string; readonly pass: string } | Record<string, never>;
}

/** `nats://user:secret@one:4222,two:4222`. The client itself would take the user for a part of the host. */
export function parseServers(url: string | readonly string[]): Servers {
  const texts = (typeof url === 'string' ? url.split(',') : url).map((text) => text.trim()).filter(Boolean);
  const urls = texts.map((text) => new URL(text.includes('://') ? text : `nats://${text}`));
  const [first] = urls;
  if (first === undefined) throw new TypeError('no NATS server is named');
  return {
    addresses: urls.map(({ hostname, port }) => `${hostname}:${port === '' ? 4222 : port}`),
    tls: urls.some(({ protocol }) => protocol === 'tls:'),
    credentials:
      first.username === ''
        ? {}
        : { user: decodeURIComponent(first.username), pass: decodeURIComponent(first.password) },
  };
}
