/** Conformance of core messages: at most once, wildcards, requests. Registered by messaging-conformance.ts. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { MessagingError, type Message, type Messaging } from '@signpost/contracts/messaging';

import { eventually } from '../eventually.ts';
import type { MessagingSubject } from './messaging-fixture.ts';
import { octets, text } from './octets.ts';

export function coreConformance({ fixture, name }: MessagingSubject): void {
  describe('core messages', () => {
    test('reach every subscriber whose pattern matches, in order, with data and headers', async () => {
      await using sender = await fixture().connect();
      await using hearer = await fixture().connect();
      const n = name();
      const exact: Message[] = [];
      const one: string[] = [];
      const rest: string[] = [];
      const other: string[] = [];
      using _exact = hearer.core.subscribe(`${n}.a.b`, (message) => exact.push(message));
      using _one = hearer.core.subscribe(`${n}.*.b`, ({ subject }) => one.push(subject));
      using _rest = hearer.core.subscribe(`${n}.>`, ({ subject }) => rest.push(subject));
      using _other = hearer.core.subscribe(`${n}.*`, ({ subject }) => other.push(subject));
      await listening(sender, hearer, `${n}.sync.x.y`);
      sender.core.publish(`${n}.a.b`, octets('1'), { 'Content-Type': 'text/plain', x: 'a b' });
      sender.core.publish(`${n}.c.b`, octets('2'));
      sender.core.publish(`${n}.a`, new Uint8Array());
      await eventually(() => other.length, Boolean);
      assert.deepEqual(
        exact.map(({ subject, data, headers }) => [subject, text(data), { ...headers }]),
        [[`${n}.a.b`, '1', { 'Content-Type': 'text/plain', x: 'a b' }]],
      );
      assert.deepEqual(one, [`${n}.a.b`, `${n}.c.b`]);
      assert.deepEqual(
        rest.filter((subject) => !subject.includes('sync')),
        [`${n}.a.b`, `${n}.c.b`, `${n}.a`],
      );
      assert.deepEqual(other, [`${n}.a`]);
    });

    test('are delivered after publish has returned, as octets of their own', async () => {
      await using messaging = await fixture().connect();
      const n = name();
      const heard: string[] = [];
      using _subscription = messaging.core.subscribe(n, ({ data }) => heard.push(text(data)!));
      const data = octets('before');
      messaging.core.publish(n, data);
      assert.deepEqual(heard, []);
      data.set(octets('after!'));
      await eventually(() => heard.length, Boolean);
      assert.deepEqual(heard, ['before']);
    });

    test('a disposed subscription hears nothing more', async () => {
      await using messaging = await fixture().connect();
      const n = name();
      const heard: string[] = [];
      const subscription = messaging.core.subscribe(n, ({ data }) => heard.push(`first ${text(data)}`));
      using _other = messaging.core.subscribe(n, ({ data }) => heard.push(`other ${text(data)}`));
      messaging.core.publish(n, octets('1'));
      await eventually(
        () => heard.length,
        (length) => length === 2,
      );
      subscription[Symbol.dispose]();
      messaging.core.publish(n, octets('2'));
      await eventually(
        () => heard.at(-1),
        (last) => last === 'other 2',
      );
      assert.deepEqual(heard.toSorted(), ['first 1', 'other 1', 'other 2']);
    });

    test('a listener that throws harms neither itself nor others', async () => {
      await using messaging = await fixture().connect();
      const n = name();
      const heard: string[] = [];
      using _bad = messaging.core.subscribe(n, ({ data }) => {
        heard.push(`bad ${text(data)}`);
        throw new Error('a listener of the test');
      });
      using _good = messaging.core.subscribe(n, ({ data }) => heard.push(`good ${text(data)}`));
      messaging.core.publish(n, octets('1'));
      messaging.core.publish(n, octets('2'));
      await eventually(
        () => heard.length,
        (length) => length === 4,
      );
      assert.deepEqual(heard.toSorted(), ['bad 1', 'bad 2', 'good 1', 'good 2']);
    });
  });

  describe('requests', () => {
    test('are answered by whoever responds', async () => {
      await using asker = await fixture().connect();
      await using responder = await fixture().connect();
      const n = name();
      using _responder = responder.core.respond(n, ({ data }) => octets(`re: ${text(data)}`));
      const answer = await eventually(() => asker.core.request(n, octets('hello'), 1_000));
      assert.equal(text(answer), 're: hello');
    });

    test('reject with MessagingError when nobody answers in time', async () => {
      await using messaging = await fixture().connect();
      const n = name();
      await assert.rejects(messaging.core.request(n, octets('?'), 50), MessagingError);
      using _mute = messaging.core.subscribe(n, () => {});
      await assert.rejects(messaging.core.request(n, octets('?'), 50), MessagingError);
      using _broken = messaging.core.respond(n, () => {
        throw new Error('a responder of the test');
      });
      await assert.rejects(messaging.core.request(n, octets('?'), 50), MessagingError);
    });
  });
}

/** Subscribing takes its way to the server: a first message that comes back says that it has arrived. */
export async function listening(sender: Messaging, hearer: Messaging, subject: string): Promise<void> {
  let heard = false;
  using _subscription = hearer.core.subscribe(subject, () => {
    heard = true;
  });
  await eventually(() => {
    sender.core.publish(subject, new Uint8Array());
    return heard;
  });
}
