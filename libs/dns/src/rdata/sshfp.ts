/** SSHFP: the fingerprint of an SSH host key (RFC 4255, RFC 6594). */
import { digestLength } from './digest-length.ts';
import { hexToEnd, number } from './parts.ts';
import { rdataOfParts } from './rdata-of-parts.ts';

export const sshfp = rdataOfParts(
  'SSHFP',
  [number('algorithm', 1), number('type', 1), hexToEnd('fingerprint')],
  digestLength(1, 2, { 1: 20, 2: 32 }),
);
