/** The settings of the beacon endpoint, read with the controller's. */
import type { ListenAddress } from '@signpost/config/listen-address';
import type { EnvironmentReader } from '@signpost/config/read-env';
import type { Prefix } from '@signpost/dns/address';

export interface BeaconConfig {
  readonly listen: ListenAddress;
  /** Of the pages that may send, `https://www.example.com`, or `*` for all. */
  readonly origins: readonly string[];
  /** Peers whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly Prefix[];
}

/** Undefined: the endpoint is off. */
export function readBeaconConfig(reader: EnvironmentReader): BeaconConfig | undefined {
  const origins = (reader.optionalString('SIGNPOST_BEACON_ORIGINS') ?? '')
    .split(',')
    .map((origin) => origin.trim())
    .filter((origin) => origin !== '');
  const trustedProxies = reader.prefixes('SIGNPOST_BEACON_TRUSTED_PROXIES');
  for (const origin of origins) {
    if (origin === '*' || isOrigin(origin)) continue;
    reader.problem(
      `SIGNPOST_BEACON_ORIGINS="${origin}": write scheme, host and port as browsers do, https://www.example.com, or *`,
    );
  }
  if (reader.optionalString('SIGNPOST_BEACON_LISTEN') === undefined) return undefined;
  if (origins.length === 0) {
    reader.problem(
      'SIGNPOST_BEACON_ORIGINS is not set: it must name the origins of the pages that send beacons (SIGNPOST_BEACON_LISTEN), or be *',
    );
  }
  return { listen: reader.listen('SIGNPOST_BEACON_LISTEN', '127.0.0.1:8081'), origins, trustedProxies };
}

function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === text;
}
