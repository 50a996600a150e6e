/**
 * Reads a service's configuration from the environment, given as an argument. Every reader notes its problem and
 * goes on, so that one run names them all; `finish` throws them together. An empty variable counts as absent.
 */
import { parseDuration } from '@signpost/contracts/duration';
import { NAME_PATTERN } from '@signpost/contracts/name-pattern';
import { parsePrefix, type Prefix } from '@signpost/dns/address';

import { ConfigError } from './config-error.ts';
import { parseListenAddress, type ListenAddress } from './listen-address.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface EnvironmentReader {
  string(name: string, fallback: string): string;
  optionalString(name: string): string | undefined;
  requiredString(name: string, what: string): string;
  /** 1 to 63 of a-z, 0-9 and "-". */
  name(name: string, fallback: string): string;
  integer(name: string, range: { min: number; max: number; fallback: number }): number;
  /** Milliseconds. */
  durationMs(name: string, fallbackMs: number): number;
  oneOf<Value extends string>(name: string, values: readonly Value[], fallback: Value): Value;
  listen(name: string, fallback: string): ListenAddress;
  /** Several, separated by commas. */
  listens(name: string, fallback: string): readonly ListenAddress[];
  /** Networks such as 192.0.2.0/24, separated by commas; none when it is not set. */
  prefixes(name: string): readonly Prefix[];
  /** Of one of the schemes, such as `redis:`. Credentials in it are refused: they show in process lists and logs. */
  url(name: string, schemes: readonly string[], fallback?: string): string;
  /** The variable, or the content of the file that its `_FILE` twin names, without surrounding white space. */
  secret(name: string): string | undefined;
  /** The PEM certificates in the file that the variable names. */
  certificates(name: string): string | undefined;
  /** For a rule over several variables. */
  problem(text: string): void;
  /** The frozen configuration, or `ConfigError` with every problem. */
  finish<Config extends object>(config: Config): Readonly<Config>;
}

/** `readFile` reads a secret's file; it may throw. */
export function readEnvironment(env: Environment, readFile: (path: string) => string): EnvironmentReader {
  const problems: string[] = [];
  const valueOf = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);

  /** Parses a value that is there; notes what is wrong with it and gives the fallback. */
  function parse<Value>(
    name: string,
    fallback: Value,
    parser: (text: string) => Value | undefined,
    remedy: string,
  ): Value {
    const text = valueOf(name);
    if (text === undefined) return fallback;
    const value = parser(text);
    if (value !== undefined) return value;
    problems.push(`${name}="${withoutCredentials(text)}": ${remedy}`);
    return fallback;
  }

  const listenOf = (text: string): ListenAddress => {
    const address = parseListenAddress(text);
    if (address === undefined) throw new TypeError(`default listen address ${text}`);
    return address;
  };
  const LISTEN_REMEDY = 'write 127.0.0.1:5300, [::1]:5300 or unix:/path';

  return {
    string: (name, fallback) => valueOf(name) ?? fallback,
    optionalString: valueOf,
    requiredString(name, what) {
      const value = valueOf(name);
      if (value === undefined) problems.push(`${name} is not set: it must name ${what}`);
      return value ?? '';
    },
    name: (name, fallback) =>
      parse(
        name,
        fallback,
        (text) => (NAME_PATTERN.test(text) ? text : undefined),
        'use 1 to 63 of a-z, 0-9 and "-"',
      ),
    integer: (name, { min, max, fallback }) =>
      parse(
        name,
        fallback,
        (text) =>
          /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max ? Number(text) : undefined,
        `use a whole number from ${min} to ${max}`,
      ),
    durationMs: (name, fallbackMs) =>
      parse(name, fallbackMs, parseDuration, 'use a duration such as 250ms, 10s or 5m'),
    oneOf: (name, values, fallback) =>
      parse(
        name,
        fallback,
        (text) => values.find((value) => value === text),
        `use one of ${values.join(', ')}`,
      ),
    listen: (name, fallback) => parse(name, listenOf(fallback), parseListenAddress, LISTEN_REMEDY),
    listens: (name, fallback) =>
      parse(name, fallback.split(',').map(listenOf), parseListenAddresses, LISTEN_REMEDY),
    prefixes(name) {
      const prefixes: Prefix[] = [];
      for (const part of valueOf(name)?.split(',') ?? []) {
        const prefix = parsePrefix(part.trim());
        if (prefix.kind === 'prefix') prefixes.push(prefix);
        else problems.push(`${name}="${part.trim()}": ${prefix.remedy}`);
      }
      return prefixes;
    },
    url(name, schemes, fallback) {
      const remedy = `use a URL that starts with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}, without a password`;
      const value = parse(name, fallback, (text) => (isUrlOf(text, schemes) ? text : undefined), remedy);
      if (value === undefined && valueOf(name) === undefined) problems.push(`${name} is not set: ${remedy}`);
      return value ?? '';
    },
    secret(name) {
      const file = valueOf(`${name}_FILE`);
      if (file === undefined) return valueOf(name);
      if (valueOf(name) !== undefined) problems.push(`${name} and ${name}_FILE are both set: keep one`);
      try {
        return readFile(file).trim();
      } catch (error) {
        problems.push(`${name}_FILE="${file}": ${error instanceof Error ? error.message : String(error)}`);
        return undefined;
      }
    },
    certificates(name) {
      const file = valueOf(name);
      if (file === undefined) return undefined;
      try {
        const text = readFile(file);
        if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
        problems.push(`${name}="${file}": it holds no PEM certificate`);
      } catch (error) {
        problems.push(`${name}="${file}": ${error instanceof Error ? error.message : String(error)}`);
      }
      return undefined;
    },
    problem: (text) => void problems.push(text),
    finish(config) {
      if (problems.length > 0) throw new ConfigError(problems);
      return Object.freeze(config);
    },
  };
}

function parseListenAddresses(text: string): ListenAddress[] | undefined {
  const addresses = text.split(',').map((part) => parseListenAddress(part.trim()));
  return addresses.every((address) => address !== undefined) ? addresses : undefined;
}

/** Several URLs separated by commas are one value too (NATS servers of a cluster). */
function isUrlOf(text: string, schemes: readonly string[]): boolean {
  return text.split(',').every((part) => {
    const url = URL.parse(part.trim());
    return url !== null && schemes.includes(url.protocol) && url.password === '' && url.username === '';
  });
}

/** What is told of a mistake lands in logs; a password that was put into an address must not. */
function withoutCredentials(text: string): string {
  return text.replace(/^(\w+:\/\/)?.*@/s, '$1...@');
}
