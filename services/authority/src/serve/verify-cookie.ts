/** The COOKIE option of a query: prepares the response's, and says whether the client is known by it (RFC 7873 5.2). */
import type { QueryContext } from './query-context.ts';

/** True when the client showed a cookie of ours. A query without one, or with another's, is answered all the same. */
export function verifyCookie(
  { query, cookies, nowMs }: QueryContext,
  input: Uint8Array,
  source: Uint8Array,
): boolean {
  if (query.cookieLength === 0 || cookies === undefined) return false;
  return cookies.answer(input, query.cookieOffset, query.cookieLength, source, Math.floor(nowMs / 1_000));
}
