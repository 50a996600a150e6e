/**
 * Values of flags and arguments, checked while the command line is read: a wrong one is a single line and exit code 2,
 * before anything is opened. It must not know what a command does with them.
 */
import { isIP } from 'node:net';

import { parseDuration } from '@signpost/contracts/duration';
import { typeCode } from '@signpost/dns/constants';
import { parseName } from '@signpost/dns/name-text';
import { InvalidArgumentError } from 'commander';

export function portNumber(text: string): number {
  return wholeNumber(text, 65_535);
}

/** `2h`, as it was written. */
export function duration(text: string): string {
  if ((parseDuration(text) ?? 0) <= 0) {
    throw new InvalidArgumentError('It is a number and a unit, such as 90s, 30m or 2h.');
  }
  return text;
}

/** `15m`, in milliseconds. */
export function durationMs(text: string): number {
  return parseDuration(duration(text))!;
}

/** `500ms`, in milliseconds; at most an hour. */
export function waitMs(text: string): number {
  const ms = durationMs(text);
  if (ms > 3_600_000) throw new InvalidArgumentError('It is at most 1h.');
  return ms;
}

/** `2026-12-01T06:00:00Z`, or `10m` (or `10m ago`) for so long ago; as RFC 3339 in UTC. */
export function moment(text: string): string {
  const agoMs = parseDuration(text.replace(/ +ago$/, ''));
  const atMs = agoMs === undefined ? Date.parse(text) : Date.now() - agoMs;
  if (Number.isNaN(atMs) || (agoMs === undefined && !/T.*(Z|[+-]\d\d:\d\d)$/.test(text))) {
    throw new InvalidArgumentError('It is a time such as 2026-12-01T06:00:00Z, or 10m for ten minutes ago.');
  }
  return new Date(atMs).toISOString();
}

export function ipAddress(text: string): string {
  if (isIP(text) === 0) throw new InvalidArgumentError('It must be an IPv4 or IPv6 address.');
  return text;
}

/** An address and, if wanted, a prefix length. */
export function prefix(text: string): string {
  const match = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text);
  const family = isIP(match?.[1] ?? '');
  if (family === 0 || Number(match?.[2] ?? 0) > (family === 6 ? 128 : 32)) {
    throw new InvalidArgumentError('It is an address and a prefix length, such as 81.2.69.0/24.');
  }
  return text;
}

export function domainName(text: string): string {
  try {
    parseName(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
  return text;
}

/** `a`, `MX`, `TYPE65280`; in upper case. */
export function recordType(text: string): string {
  const type = text.toUpperCase();
  if (typeCode(type) === undefined) throw new InvalidArgumentError('Write A, MX or TYPE65280.');
  return type;
}

/** `127.0.0.1:18081`, `[::1]:18081`. */
export function hostAndPort(text: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  if (match === null) throw new InvalidArgumentError('Write 127.0.0.1:18081 or [::1]:18081.');
  return { host: (match[1] ?? match[2])!, port: portNumber(match[3]!) };
}

export function httpUrl(text: string): string {
  const protocol = URL.parse(text)?.protocol ?? '';
  if (!['http:', 'https:'].includes(protocol)) {
    throw new InvalidArgumentError('It starts with http:// or https://.');
  }
  return text;
}

/** RFC 3339 with an offset; milliseconds since 1970. */
export function instant(text: string): number {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/.test(text) || Number.isNaN(Date.parse(text))) {
    throw new InvalidArgumentError('It is a time such as 2026-12-01T06:00:00Z.');
  }
  return Date.parse(text);
}

export function seedNumber(text: string): number {
  return wholeNumber(text, 999_999_999);
}

export function resolverCount(text: string): number {
  const count = wholeNumber(text, 1_000_000);
  if (count === 0) throw new InvalidArgumentError('It must be at least 1.');
  return count;
}

function wholeNumber(text: string, most: number): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) > most) {
    throw new InvalidArgumentError(`It must be a whole number up to ${most}.`);
  }
  return Number(text);
}
