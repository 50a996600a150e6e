/**
 * A monitor and a target -> what a prober is told to ask, kind by kind. Pure; where to connect to is `assign-probes`'s.
 * Names that the target's `check` gives go before the monitor's.
 */
import type { ProbedMonitor, TargetConfiguration } from '@signpost/contracts/configuration';
import type { Probe, TlsTerms } from '@signpost/contracts/probe-assignment';

type MonitorOf<Type extends ProbedMonitor['type']> = Extract<ProbedMonitor, { type: Type }>;
type TlsExpectation = MonitorOf<'tls'>['expect'];

export function probeOf(monitor: ProbedMonitor, { check }: TargetConfiguration): Probe {
  switch (monitor.type) {
    case 'http':
      return httpProbeOf(monitor, check);
    case 'tcp':
      return { type: 'tcp', ...talkOf(monitor) };
    case 'tls': {
      const { alpn } = monitor;
      const tls = tlsTermsOf(monitor, check);
      return { type: 'tls', ...talkOf(monitor), ...(alpn === undefined ? {} : { alpn }), tls };
    }
    case 'grpc': {
      const host = check?.host ?? monitor.host;
      return {
        type: 'grpc',
        service: monitor.service,
        ...(host === undefined ? {} : { host }),
        ...(monitor.tls ? { tls: tlsTermsOf(monitor, check) } : {}),
      };
    }
    case 'dns':
      return {
        type: 'dns',
        transport: monitor.transport,
        name: monitor.query.name,
        queryType: monitor.query.type,
        recurse: monitor.query.recurse,
        rcode: monitor.expect.rcode,
        ...(monitor.expect.answers === undefined ? {} : { answers: monitor.expect.answers }),
      };
    case 'icmp':
      return { type: 'icmp' };
    default:
      throw new TypeError(`unhandled monitor ${JSON.stringify(monitor satisfies never)}`);
  }
}

/** The port that the monitor itself names; 0 where there are none. */
export function portOf(monitor: ProbedMonitor): number {
  if (monitor.type === 'icmp') return 0;
  if (monitor.type !== 'http') return monitor.port;
  return monitor.url.port ?? (monitor.url.scheme === 'https' ? 443 : 80);
}

function httpProbeOf(monitor: MonitorOf<'http'>, check: TargetConfiguration['check']): Probe {
  const { url, protocol, method, headers, body, redirects, expect } = monitor;
  return {
    type: 'http',
    scheme: url.scheme,
    method,
    host: check?.host ?? url.host,
    path: url.path,
    headers,
    ...(protocol === 'http1' ? {} : { protocol }),
    ...(body === undefined ? {} : { body }),
    ...(redirects === 0 ? {} : { redirects }),
    expect: {
      status: expect.status,
      header: Object.fromEntries(
        Object.entries(expect.header).map(([name, value]) => [name.toLowerCase(), value]),
      ),
      ...(expect.contains === undefined ? {} : { contains: expect.contains }),
    },
    // A redirect may lead from http to https.
    ...(url.scheme === 'https' || redirects > 0 ? { tls: tlsTermsOf(monitor, check) } : {}),
  };
}

function talkOf({ send, expect }: MonitorOf<'tcp'> | MonitorOf<'tls'>) {
  return {
    ...(send === undefined ? {} : { send }),
    ...(expect.contains === undefined ? {} : { contains: expect.contains }),
  };
}

/** A target's own host goes before the monitor's server name: it is more particular. */
function tlsTermsOf(
  monitor: { readonly server_name?: string | undefined; readonly expect: TlsExpectation },
  check: TargetConfiguration['check'],
): TlsTerms {
  const { ca, certificate } = monitor.expect;
  const serverName = check?.server_name ?? check?.host ?? monitor.server_name;
  return {
    ...(serverName === undefined ? {} : { serverName }),
    ...(ca === undefined ? {} : { ca }),
    ...(certificate.verify ? {} : { verify: false }),
    warnBeforeMs: certificate.warn_before,
    ...(certificate.fail_before === undefined ? {} : { failBeforeMs: certificate.fail_before }),
  };
}
