/** A request and its answer as HTTP/1.1 and HTTP/2 have them in common (RFC 9110). Types only. */
import type { IncomingHttpHeaders } from 'node:http';
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

export type HttpAnswer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      /** Not read yet. */
      readonly body: Readable;
    }
  | ProbeFail
  | ProbeUnable;
