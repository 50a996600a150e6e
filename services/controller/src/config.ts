/** The controller's settings, read once from the environment; all problems are told together. */
import { readFileSync } from 'node:fs';
import { isIP, isIPv6 } from 'node:net';

import { isLoopback, type ListenAddress } from '@signpost/config/listen-address';
import { readEnvironment, type Environment, type EnvironmentReader } from '@signpost/config/read-env';
import { readNatsSettings, readRedisSettings, type ServerSettings } from '@signpost/config/server-settings';

import { readBeaconConfig, type BeaconConfig } from './beacon/beacon-config.ts';

export interface ControllerConfig {
  /** Path of the configuration file to apply at start and on change. */
  readonly configFile: string | undefined;
  readonly api: { readonly listen: ListenAddress; readonly token: string | undefined };
  /** Where browsers send round trips to; undefined: nowhere. */
  readonly beacon?: BeaconConfig | undefined;
  /** Resolvers that host names are looked up at, `192.0.2.53` or `192.0.2.53:5353`; empty: those of the system. */
  readonly resolvers?: readonly string[];
  /** Signs affinity names: the first signs, all are published. Empty: there are none. */
  readonly affinitySecrets?: readonly string[];
}

export interface ControllerProcessConfig extends ControllerConfig {
  readonly nats: ServerSettings;
  readonly redis: ServerSettings;
  readonly adminListen: ListenAddress;
  /** Undefined: the bundled database. */
  readonly geoDatabase: string | undefined;
  /** Undefined: none, autonomous systems of clients are not known. */
  readonly asnDatabase: string | undefined;
}

/** For a controller process of its own. Throws `ConfigError`. */
export function readControllerProcessConfig(
  env: Environment,
  readFile: (path: string) => string = readText,
): Readonly<ControllerProcessConfig> {
  const reader = readEnvironment(env, readFile);
  const listen = reader.listen('SIGNPOST_API_LISTEN', '127.0.0.1:8080');
  const token = reader.secret('SIGNPOST_API_TOKEN');
  if (token === undefined && !isLoopback(listen)) {
    reader.problem(
      'SIGNPOST_API_TOKEN is not set: the API listens on an address that others reach (SIGNPOST_API_LISTEN), so it needs a token',
    );
  }
  return reader.finish({
    nats: readNatsSettings(reader, 'nats://127.0.0.1:4222'),
    redis: readRedisSettings(reader),
    adminListen: reader.listen('SIGNPOST_ADMIN_LISTEN', '127.0.0.1:9154'),
    geoDatabase: reader.optionalString('SIGNPOST_GEO_DB'),
    asnDatabase: reader.optionalString('SIGNPOST_ASN_DB'),
    configFile: reader.optionalString('SIGNPOST_CONFIG'),
    api: { listen, token },
    beacon: readBeaconConfig(reader),
    resolvers: readResolvers(reader),
    affinitySecrets: readAffinitySecrets(reader),
  });
}

/** More are no use to a rotation, and each doubles the names. */
const MOST_SECRETS = 2;
const SHORTEST_SECRET = 16;

function readAffinitySecrets(reader: EnvironmentReader): readonly string[] {
  const text = reader.secret('SIGNPOST_AFFINITY_SECRET') ?? '';
  const secrets = text
    .split(/[,\n]/)
    .map((secret) => secret.trim())
    .filter((secret) => secret !== '');
  if (secrets.length > MOST_SECRETS) {
    reader.problem('SIGNPOST_AFFINITY_SECRET: more than two secrets; keep the new one and the one before it');
  }
  if (secrets.some((secret) => secret.length < SHORTEST_SECRET)) {
    reader.problem(
      `SIGNPOST_AFFINITY_SECRET: a secret is shorter than ${SHORTEST_SECRET} characters; make one with openssl rand -hex 32`,
    );
  }
  return secrets;
}

function readResolvers(reader: EnvironmentReader): readonly string[] {
  const text = reader.optionalString('SIGNPOST_RESOLVERS') ?? '';
  const servers = text
    .split(',')
    .map((server) => server.trim())
    .filter((server) => server !== '');
  const wrong = servers.filter((server) => !isServer(server));
  if (wrong.length > 0) {
    reader.problem(
      `SIGNPOST_RESOLVERS: ${wrong.join(', ')} is no address of a resolver; write 192.0.2.53, 192.0.2.53:53 or [2001:db8::53]:53`,
    );
  }
  return servers;
}

function isServer(text: string): boolean {
  const [, v6, v4, port = '53'] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const isAddress = v6 === undefined ? isIP(v4 ?? text) !== 0 : isIPv6(v6);
  return (isAddress && Number(port) >= 1 && Number(port) <= 65_535) || isIPv6(text);
}

function readText(path: string): string {
  return readFileSync(path, 'utf8');
}
