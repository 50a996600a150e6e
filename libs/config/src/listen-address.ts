/** Where a server listens: `127.0.0.1:5300`, `[::1]:5300`, `unix:/run/x.sock`. Host names are not resolved. */
import { parseIpv4, parseIpv6 } from '@signpost/dns/address';

export type ListenAddress =
  | { readonly kind: 'port'; readonly host: string; readonly family: 4 | 6; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** Undefined when the text is none. Port 0 asks for a free one. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  if (text.startsWith('unix:')) return text.length > 5 ? { kind: 'unix', path: text.slice(5) } : undefined;
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const [, v6, v4, digits] = match;
  const port = Number(digits);
  if (port > 65_535) return undefined;
  if (v6 !== undefined)
    return parseIpv6(v6) === undefined ? undefined : { kind: 'port', host: v6, family: 6, port };
  return parseIpv4(v4!) === undefined ? undefined : { kind: 'port', host: v4!, family: 4, port };
}

export function formatListenAddress(address: ListenAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  return address.family === 6 ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** Whether only this host can reach it. */
export function isLoopback(address: ListenAddress): boolean {
  return address.kind === 'unix' || address.host === '::1' || address.host.startsWith('127.');
}
