/** A request and its answer as HTTP/1.1 and HTTP/2 have them in common (RFC 9110). No I/O. */
import type { Readable } from 'node:stream';

import type { ProbeFail, ProbeUnable } from './probe-result.ts';

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  /** Host header or `:authority`. */
  readonly host: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** One value of a header that may stand there several times (RFC 9110 section 5.3). */
export function joinedHeader(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}

export type HttpAnswer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** Undefined when there is none; `name` in lower case. Node makes a table of them when first asked. */
      readonly header: (name: string) => string | undefined;
      /** Not read yet. */
      readonly body: Readable;
    }
  | ProbeFail
  | ProbeUnable;
