/** Bearer tokens of the API. Compared by digest in constant time, so that neither length nor prefix shows. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** `token` undefined: everybody who reaches the address may ask. */
export function authorise(token: string | undefined): (authorization: string | undefined) => boolean {
  if (token === undefined) return () => true;
  const expected = digest(token);
  return (authorization) => {
    const given = /^bearer +(.+)$/i.exec(authorization ?? '')?.[1];
    return given !== undefined && timingSafeEqual(digest(given), expected);
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
