/**
 * Looks for a text in what a target sends, octet for octet and never beyond `MAX_ANSWER_OCTETS`: neither memory nor
 * time of the prober is in the target's hands. Plain search, no patterns, so that no answer can make it slow.
 */
import type { Readable } from 'node:stream';

import { MAX_ANSWER_OCTETS } from '@signpost/contracts/monitor-kinds';

import { quoted } from './reason.ts';

const NOTHING: Buffer = Buffer.alloc(0);

/** Resolves with undefined as soon as the text was seen, else with the reason. `what`: `body` or `answer`. */
export function findText(stream: Readable, text: string, what: string): Promise<string | undefined> {
  const search = textSearch(text);
  return new Promise((resolve) => {
    stream.on('data', (part: Buffer) => {
      const outcome = search(part);
      if (outcome === 'found') resolve(undefined);
      if (outcome === 'exhausted') resolve(`${quoted(text)} is not in the first 64 KiB of the ${what}`);
    });
    const broken = () => resolve(`connection closed in the middle of the ${what}`);
    stream.once('end', () => {
      if (isCutOff(stream)) broken();
      else resolve(`${quoted(text)} is not in the ${what}`);
    });
    stream.on('error', broken);
    stream.once('close', broken);
  });
}

/** In Node a stream of HTTP/2 whose connection broke ends as if it were whole, but for its code (CANCEL). */
export function isCutOff(stream: Readable & { readonly rstCode?: number | undefined }): boolean {
  return (stream.rstCode ?? 0) !== 0;
}

/** Takes the parts of an answer one by one, however they are cut. */
export function textSearch(text: string): (part: Buffer) => 'found' | 'exhausted' | 'not yet' {
  const needle = Buffer.from(text);
  let tail = NOTHING; // too short to hold the needle, and so kept for the next part
  let octets = 0;
  return (part) => {
    const looked = part.subarray(0, MAX_ANSWER_OCTETS - octets);
    octets += looked.length;
    const seen = tail.length === 0 ? looked : Buffer.concat([tail, looked]);
    if (seen.includes(needle)) return 'found';
    tail = seen.subarray(Math.max(0, seen.length - needle.length + 1));
    return octets >= MAX_ANSWER_OCTETS ? 'exhausted' : 'not yet';
  };
}
