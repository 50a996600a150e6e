/**
 * Who may ask the API. Bearer tokens are compared by digest in constant time, so that neither length nor prefix
 * shows. Must not know what is asked for.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';

/** `token` undefined: everybody who reaches the address may ask. */
export function authorise(token: string | undefined): (authorization: string | undefined) => boolean {
  if (token === undefined) return () => true;
  const expected = digest(token);
  return (authorization) => {
    const given = /^bearer +(.+)$/i.exec(authorization ?? '')?.[1];
    return given !== undefined && timingSafeEqual(digest(given), expected);
  };
}

/**
 * Whether a Host header names us by address or as localhost. A name of somebody else's that leads to the loopback
 * address (DNS rebinding) makes a browser believe that its page and this API are one.
 */
export function isOwnHost(host: string | undefined): boolean {
  const name = (host ?? '').toLowerCase().replace(/:\d+$/, '');
  const address = name.replace(/^\[(.*)\]$/, '$1');
  return isIP(address) !== 0 || name === 'localhost' || name.endsWith('.localhost');
}

/** Whether a request comes from no page, or from one that is ours by address: a form of another site needs no leave to post. */
export function isOwnOrigin(origin: string | undefined): boolean {
  if (origin === undefined) return true;
  return URL.canParse(origin) && isOwnHost(new URL(origin).host);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
