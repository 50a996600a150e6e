/** RFC 4892: what the server tells of itself in class CH, and that it tells nothing unless it was told to. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { RRClass, RRType } from '@signpost/dns/constants';
import { parseName, parseNameKeepingCase } from '@signpost/dns/name-text';
import { buildPacket, optRecord } from '@signpost/dns/reference/build-packet';
import { type Message, readMessage } from '@signpost/dns/reference/read-message';

import { chaosTexts } from '../serve/chaos-texts.ts';
import { contextFor, respond, snapshotOf, zoneOf } from '../testing/sample-zone.ts';
import type { QueryContext } from '../serve/query-context.ts';

const ZONE = snapshotOf(zoneOf('bind', 'version TXT "class IN"'));
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function told(texts: { id?: string; version?: string }): QueryContext {
  const context = contextFor(ZONE);
  context.chaos = chaosTexts({
    id: texts.id === undefined ? undefined : bytes(texts.id),
    version: texts.version === undefined ? undefined : bytes(texts.version),
  });
  return context;
}

function ask(context: QueryContext, name: string, type: number = RRType.TXT, edns = false): Message {
  const question = { name: parseNameKeepingCase(name), type, class: RRClass.CH };
  return readMessage(
    respond(context, buildPacket({ id: 4, questions: [question], additional: edns ? [optRecord()] : [] })),
  );
}

function text({ answers }: Message): string | undefined {
  return answers[0] && Buffer.from(answers[0].rdata.subarray(1)).toString();
}

describe('RFC 4892: id.server and version.server in class CH', () => {
  const context = told({ id: 'fra-1', version: 'none of your business' });

  test('are told where they were set, by the names of BIND too, in any case', () => {
    for (const name of ['id.server', 'hostname.bind', 'HOSTNAME.bind'])
      assert.equal(text(ask(context, name)), 'fra-1');
    for (const name of ['version.bind', 'version.server', 'Version.Server']) {
      assert.equal(text(ask(context, name)), 'none of your business');
    }
  });

  test('come as one TXT record of class CH with TTL 0 and AA', () => {
    const message = ask(context, 'id.server');
    assert.equal(message.flags & 0x8400, 0x8400);
    assert.equal(message.answers.length, 1);
    const [answer] = message.answers;
    assert.deepEqual([answer!.type, answer!.class, answer!.ttl], [RRType.TXT, RRClass.CH, 0]);
    assert.deepEqual(answer!.name, parseName('id.server'));
  });

  test('are REFUSED where they were not set, and so is every other name and type', () => {
    const nothing = told({});
    for (const name of [
      'id.server',
      'hostname.bind',
      'version.bind',
      'version.server',
      'authors.bind',
      '.',
    ]) {
      assert.deepEqual([ask(nothing, name).rcode, ask(nothing, name).answers], [5, []], name);
    }
    assert.equal(ask(told({ id: 'x' }), 'version.bind').rcode, 5);
    assert.equal(ask(told({ version: 'x' }), 'id.server').rcode, 5);
    for (const name of ['authors.bind', 'bind', 'server', 'x.id.server', 'xd.server']) {
      assert.equal(ask(context, name).rcode, 5, name);
    }
    for (const type of [RRType.A, RRType.NS, RRType.SOA, RRType.ANY, RRType.AXFR]) {
      assert.equal(ask(context, 'id.server', type).rcode, 5, String(type));
    }
  });

  test('fit into 512 octets at full length, and are never called stale', () => {
    const longest = told({ id: 'x'.repeat(255) });
    longest.isStale = true;
    const message = ask(longest, 'id.server', RRType.TXT, true);
    assert.equal(text(message), 'x'.repeat(255));
    assert.deepEqual(message.edns?.options, []);
  });
});
