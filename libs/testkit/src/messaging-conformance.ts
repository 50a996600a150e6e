/**
 * The suite that every adapter of the messaging port passes: each sentence of the port's comments is a test.
 * An adapter's own test file calls it with a way to start its server. It must not know any adapter.
 */
import { after, before, describe } from 'node:test';

import { bucketConformance } from './conformance/bucket.ts';
import { coreConformance } from './conformance/core.ts';
import { outageConformance } from './conformance/messaging-outage.ts';
import type { MessagingFixture, MessagingSubject } from './conformance/messaging-fixture.ts';
import { streamConformance } from './conformance/stream.ts';

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
