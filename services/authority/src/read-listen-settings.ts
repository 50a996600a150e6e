/** Where the authority listens, with what certificate, and which balancers it believes, from the environment. */
import type { EnvironmentReader } from '@signpost/config/read-env';
import { type ListenAddress, formatListenAddress } from '@signpost/config/listen-address';
import type { Prefix } from '@signpost/dns/address';
import { batchedIsMissing, type UdpSetting } from '@signpost/udp/udp-layer';

import {
  type CertificateFiles,
  readCertificate,
  type ReadCertificate,
} from './certificate/read-certificate.ts';
import type { DnsEndpoint } from './listen/endpoint.ts';

export interface ListenSettings {
  /** Where it answers over UDP and TCP. */
  readonly endpoints: readonly DnsEndpoint[];
  readonly udp: UdpSetting;
  /** Undefined: it does not answer over TLS. */
  readonly tls: TlsSettings | undefined;
  /** Networks of balancers that send a PROXY header over UDP and TCP, and are believed. */
  readonly proxyFrom: readonly Prefix[];
}

export interface TlsSettings {
  readonly endpoints: readonly DnsEndpoint[];
  readonly files: CertificateFiles;
  /** As it was when the settings were read. */
  readonly certificate: ReadCertificate;
}

/** Problems are noted with the reader. */
export function readListenSettings(
  reader: EnvironmentReader,
  readFile: (path: string) => string,
): ListenSettings {
  const endpoints = portsOf(
    reader,
    'SIGNPOST_DNS_LISTEN',
    reader.listens('SIGNPOST_DNS_LISTEN', '127.0.0.1:5300'),
  );
  const tls = readTls(reader, readFile);
  for (const endpoint of tls?.endpoints ?? []) {
    if (endpoint.port === 0 || !endpoints.some((other) => isSame(other, endpoint))) continue;
    reader.problem(
      `SIGNPOST_TLS_LISTEN: ${formatListenAddress(endpoint)} stands in SIGNPOST_DNS_LISTEN too; TLS needs a port of its own, 853 by convention`,
    );
  }
  return { endpoints, udp: readUdp(reader), tls, proxyFrom: reader.prefixes('SIGNPOST_PROXY_FROM') };
}

function readUdp(reader: EnvironmentReader): UdpSetting {
  const setting: UdpSetting = reader.oneOf('SIGNPOST_UDP', ['auto', 'batched', 'dgram'], 'auto');
  const missing = setting === 'batched' ? batchedIsMissing() : undefined;
  if (missing !== undefined) reader.problem(`SIGNPOST_UDP="batched": ${missing}`);
  return setting;
}

function readTls(reader: EnvironmentReader, readFile: (path: string) => string): TlsSettings | undefined {
  const cert = reader.optionalString('SIGNPOST_TLS_CERT');
  const key = reader.optionalString('SIGNPOST_TLS_KEY');
  if (reader.optionalString('SIGNPOST_TLS_LISTEN') === undefined) {
    if (cert !== undefined || key !== undefined) {
      reader.problem(
        'SIGNPOST_TLS_LISTEN is not set: it must name where to use the certificate, such as 192.0.2.53:853',
      );
    }
    return undefined;
  }
  const endpoints = portsOf(
    reader,
    'SIGNPOST_TLS_LISTEN',
    reader.listens('SIGNPOST_TLS_LISTEN', '127.0.0.1:853'),
  );
  if (cert === undefined)
    reader.problem('SIGNPOST_TLS_CERT is not set: it must name a PEM file with the chain');
  if (key === undefined) reader.problem('SIGNPOST_TLS_KEY is not set: it must name the PEM file of its key');
  if (cert === undefined || key === undefined) return undefined;
  const files = { cert, key };
  const certificate = readCertificate(files, readFile);
  if (certificate.kind === 'certificate') return { endpoints, files, certificate };
  const { of, remedy } = certificate;
  reader.problem(`SIGNPOST_TLS_${of.toUpperCase()}="${files[of]}": ${remedy}`);
  return undefined;
}

function portsOf(
  reader: EnvironmentReader,
  variable: string,
  listens: readonly ListenAddress[],
): DnsEndpoint[] {
  const endpoints = listens.filter((address) => address.kind === 'port');
  if (endpoints.length < listens.length) {
    reader.problem(`${variable}: DNS is not answered on unix sockets, use 127.0.0.1:5300 or [::1]:5300`);
  }
  return endpoints;
}

function isSame(one: DnsEndpoint, other: DnsEndpoint): boolean {
  return one.port === other.port && one.host === other.host;
}
