/**
 * The suite that every adapter of the messaging port passes: each sentence of the port's comments is a test.
 * An adapter's own test file calls it with a way to start its server. It must not know any adapter.
 */
import { after, before, describe } from 'node:test';

import type { Messaging } from '@signpost/contracts/messaging';

import { bucketConformance } from './conformance/bucket.ts';
import { coreConformance } from './conformance/core.ts';
import { outageConformance } from './conformance/messaging-outage.ts';
import { streamConformance } from './conformance/stream.ts';

/** A server and ways to hurt it. */
export interface MessagingFixture extends AsyncDisposable {
  /** A client of its own. */
  connect(): Promise<Messaging>;
  /** Moves the server's clock where a test may; that of a real server moves by itself. */
  passTime(ms: number): void;
  stop(): Promise<void>;
  /** Starts it again after `stop`, with what it had stored, or with nothing. */
  start(options: { readonly wipe: boolean }): Promise<void>;
}

/** What a test gets: clients that are disposed for it, and names nobody else uses. */
export interface MessagingSubject {
  readonly fixture: () => MessagingFixture;
  readonly name: () => string;
}

export function messagingConformance(name: string, makeFixture: () => Promise<MessagingFixture>): void {
  describe(`${name}: messaging port`, () => {
    let fixture: MessagingFixture;
    let names = 0;
    const subject: MessagingSubject = {
      fixture: () => fixture,
      name: () => {
        names += 1;
        return `t${names}`;
      },
    };
    before(async () => {
      fixture = await makeFixture();
    });
    after(async () => {
      await fixture[Symbol.asyncDispose]();
    });
    coreConformance(subject);
    streamConformance(subject);
    bucketConformance(subject);
    outageConformance(subject);
  });
}
