/**
 * Words for what went wrong, as a person at night wants to read them: short, and what was wanted beside what was got.
 * Pure; it must not decide whether something is a failure.
 */

/** What a report can carry. */
const MAX_REASON = 512;
/** What of a target's own text is worth showing. */
const MAX_QUOTED = 100;

/** Errors of the operating system on a socket. */
const BY_CODE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  ECONNABORTED: 'connection aborted',
  EHOSTUNREACH: 'host unreachable',
  EHOSTDOWN: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  EADDRNOTAVAIL: 'network unreachable: no local address fits',
  EACCES: 'connection forbidden by the local host',
  EPERM: 'connection forbidden by the local host',
  ETIMEDOUT: 'connection timed out',
  HPE_HEADER_OVERFLOW: 'headers are too long',
};

/** They mean that this process or host is short of something; the target has no part in it. */
const OUR_OWN = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EAI_MEMORY']);

export function isOurOwnTrouble(error: unknown): boolean {
  return OUR_OWN.has(codeOf(error));
}

export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  const known = BY_CODE[code];
  if (known !== undefined) return known;
  if (code.startsWith('HPE_')) return 'answer is not HTTP';
  return shorten(error instanceof Error ? error.message : String(error), MAX_REASON);
}

/** Reasons of errors that came up while TLS was being agreed on. */
export function tlsReasonOf(error: unknown): string {
  const code = codeOf(error);
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'connection closed in the TLS handshake';
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') {
    return 'TLS handshake failed: the port does not speak TLS';
  }
  const library = (error as { reason?: unknown } | undefined)?.reason;
  return `TLS handshake failed: ${typeof library === 'string' ? library : reasonOf(error)}`;
}

export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

/** `3 s`, `250 ms`. */
export function inSeconds(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`;
}

/** `14 days`, `36 h`, `20 min`. */
export function inDays(ms: number): string {
  if (ms % 86_400_000 === 0) return ms === 86_400_000 ? '1 day' : `${ms / 86_400_000} days`;
  return ms % 3_600_000 === 0 ? `${ms / 3_600_000} h` : `${ms / 60_000} min`;
}

/** `200`, `301 or 302`, `200, 204 or 301`. */
export function anyOf(values: readonly (number | string)[]): string {
  return values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
}

export function quoted(text: string): string {
  return `"${shorten(text, MAX_QUOTED)}"`;
}

export function shortReason(text: string): string {
  return shorten(text, MAX_REASON);
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
