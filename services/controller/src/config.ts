/** The controller's settings, read once from the environment; all problems are told together. */
import { readFileSync } from 'node:fs';

import { isLoopback, type ListenAddress } from '@signpost/config/listen-address';
import { readEnvironment, type Environment } from '@signpost/config/read-env';
import { readNatsSettings, readRedisSettings, type ServerSettings } from '@signpost/config/server-settings';

import { readBeaconConfig, type BeaconConfig } from './beacon/beacon-config.ts';

export interface ControllerConfig {
  /** Path of the configuration file to apply at start and on change. */
  readonly configFile: string | undefined;
  readonly api: { readonly listen: ListenAddress; readonly token: string | undefined };
  /** Where browsers send round trips to; undefined: nowhere. */
  readonly beacon?: BeaconConfig | undefined;
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
  });
}

function readText(path: string): string {
  return readFileSync(path, 'utf8');
}
