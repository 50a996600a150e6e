/** Names of octoDNS, which may be written in any letters, as the DNS has them (IDNA). */
import { domainToASCII } from 'node:url';

/** Labels that are ASCII already stay as they are, with `*` and `_` in them. A name that has no such form stays too. */
export function toAsciiHost(name: string): string {
  // oxlint-disable-next-line no-control-regex -- the range of ASCII
  if (/^[\x00-\x7f]*$/.test(name)) return name;
  return name
    .split('.')
    .map((label) => (/[^ -~]/.test(label) ? domainToASCII(label) || label : label))
    .join('.');
}
