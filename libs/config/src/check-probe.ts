/**
 * What a monitor asks and expects, kind by kind: that it can be asked, and that an answer could meet it. Vantages
 * and timing are check-monitors.ts's.
 */
import type { ProbedMonitor } from '@signpost/contracts/configuration';
import { formatDuration } from '@signpost/contracts/duration';
import { Rcode, RRType, typeCode } from '@signpost/dns/constants';
import { RdataError } from '@signpost/dns/errors';
import { encodeRdata } from '@signpost/dns/rdata';

import { nameProblem } from './name-problem.ts';
import type { ReferenceMistake } from './reference-mistake.ts';

type MonitorOf<Type extends ProbedMonitor['type']> = Extract<ProbedMonitor, { type: Type }>;
type Mistake = Pick<ReferenceMistake, 'path' | 'message'>;

/** Paths of the mistakes begin at the monitor. */
export function checkProbe(monitor: ProbedMonitor): Mistake[] {
  switch (monitor.type) {
    case 'http':
      return [...checkHttp(monitor), ...checkTls(monitor)];
    case 'tcp':
      return checkTalk(monitor);
    case 'tls':
      return [...checkTalk(monitor), ...checkTls(monitor)];
    case 'grpc':
      return [...hostMistake(['host'], monitor.host), ...checkTls(monitor)];
    case 'dns':
      return checkDns(monitor);
    default:
      return [];
  }
}

/** A host as it stands in a Host header: a name or address, with a port or without. */
export function hostMistake(path: string[], host: string | undefined): Mistake[] {
  if (host === undefined || !/[/\s]|^[^:]*:\d*$/.test(host)) return [];
  const message = `"${host}" is no host name; write scheme, port and path as keys of their own`;
  return [{ path, message }];
}

function checkHttp({ url, method, body, expect }: MonitorOf<'http'>): Mistake[] {
  const mistakes = hostMistake(['url', 'host'], url.host);
  if (body !== undefined && (method === 'GET' || method === 'HEAD')) {
    const message = `a ${method} request has no body; write another method, such as POST, or remove body`;
    mistakes.push({ path: ['body'], message });
  }
  if (expect.contains !== undefined && method === 'HEAD') {
    const message =
      'the answer to HEAD has no body that could contain this; write another method, such as GET';
    mistakes.push({ path: ['expect', 'contains'], message });
  }
  for (const [index, set] of expect.status.entries()) {
    if (typeof set === 'number' || set[0] <= set[1]) continue;
    const message = `no status is in ${set[0]}-${set[1]}; write the smaller one first`;
    mistakes.push({ path: ['expect', 'status', index], message });
  }
  return mistakes;
}

function checkTalk({ send, expect }: MonitorOf<'tcp'> | MonitorOf<'tls'>): Mistake[] {
  if (send === undefined || expect.contains !== undefined) return [];
  const message =
    'an answer is not waited for unless one is expected; add expect: { contains: TEXT }, or remove send';
  return [{ path: ['send'], message }];
}

function checkTls(monitor: MonitorOf<'http'> | MonitorOf<'tls'> | MonitorOf<'grpc'>): Mistake[] {
  const { warn_before: warnBefore, fail_before: failBefore } = monitor.expect.certificate;
  const mistakes = hostMistake(['server_name'], monitor.server_name);
  if (failBefore !== undefined && failBefore > warnBefore) {
    const message = `the failure ${formatDuration(failBefore)} ahead comes before the warning ${formatDuration(warnBefore)} ahead; write a shorter fail_before or a longer warn_before`;
    mistakes.push({ path: ['expect', 'certificate', 'fail_before'], message });
  }
  const { ca } = monitor.expect;
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----')) {
    const message =
      'there is no PEM block "CERTIFICATE" in it; write the certificates themselves, not a file name';
    mistakes.push({ path: ['expect', 'ca'], message });
  }
  return mistakes;
}

function checkDns({ query, expect }: MonitorOf<'dns'>): Mistake[] {
  const mistakes: Mistake[] = [];
  const problem = nameProblem(query.name);
  if (problem !== undefined) mistakes.push({ path: ['query', 'name'], message: problem });
  if (!Object.hasOwn(Rcode, expect.rcode)) {
    const message = `there is no response code ${expect.rcode}; write one of ${Object.keys(Rcode).join(', ')}`;
    mistakes.push({ path: ['expect', 'rcode'], message });
  }
  const type = typeCode(query.type);
  if (type === undefined || type === RRType.OPT) {
    const message = `there is no type "${query.type}" to ask for; write one such as A, AAAA or TYPE65`;
    return [...mistakes, { path: ['query', 'type'], message }];
  }
  for (const [index, text] of (expect.answers ?? []).entries()) {
    const wrong = rdataProblem(type, text);
    if (wrong !== undefined) mistakes.push({ path: ['expect', 'answers', index], message: wrong });
  }
  return mistakes;
}

function rdataProblem(type: number, text: string): string | undefined {
  try {
    encodeRdata(type, text);
    return undefined;
  } catch (error) {
    if (error instanceof RdataError) return error.message;
    throw error;
  }
}
