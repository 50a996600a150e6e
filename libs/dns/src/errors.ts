/**
 * Every error this package throws. All come from text or from whole messages
 * read by tools; nothing on the way of a query throws.
 */

export type NameProblem =
  | 'empty name'
  | 'empty label'
  | 'label too long'
  | 'name too long'
  | 'bad escape'
  | 'bad character'
  | 'not absolute'
  | 'malformed octets';

/** A text or a row of octets is not a domain name. `problem` says which rule it breaks. */
export class NameError extends Error {
  readonly code = 'SIGNPOST_DNS_NAME';
  readonly problem: NameProblem;
  /** The offending input as given. */
  readonly input: string;

  constructor(problem: NameProblem, input: string, remedy: string) {
    super(`"${input}" is not a domain name: ${problem}; ${remedy}`);
    this.name = 'NameError';
    this.problem = problem;
    this.input = input;
  }
}

/** The text after a record's type does not describe RDATA of that type. The message names the remedy. */
export class RdataError extends Error {
  readonly code = 'SIGNPOST_DNS_RDATA';
  /** Type name, e.g. `MX`. */
  readonly type: string;
  /** The field that the mistake stands in, as its reader was given it; undefined when it is the whole. */
  readonly field: { readonly text: string } | undefined;

  constructor(type: string, message: string, options?: ErrorOptions & { field?: { readonly text: string } }) {
    super(`${type}: ${message}`, options);
    this.name = 'RdataError';
    this.type = type;
    this.field = options?.field;
  }
}

/** A message cannot be decoded. Thrown by the reference decoder alone. */
export class MessageError extends Error {
  readonly code = 'SIGNPOST_DNS_MESSAGE';
  /** Where in the message, in octets from its start. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(`${message} at octet ${offset}`);
    this.name = 'MessageError';
    this.offset = offset;
  }
}
