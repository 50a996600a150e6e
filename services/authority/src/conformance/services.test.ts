/** RFC 9460: what SVCB and HTTPS answers carry along in the additional section. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { typeName } from '@signpost/dns/constants';
import { formatName } from '@signpost/dns/name-text';
import { readMessage, type ResourceRecord } from '@signpost/dns/reference/read-message';
import { encodeQuery } from '@signpost/testkit/dns-client';

import { contextFor, group, respond, snapshotOf, steeredSet, zoneOf } from '../testing/sample-zone.ts';

const context = contextFor(
  snapshotOf(
    zoneOf(
      'example.net',
      `@        HTTPS  0 pool.example.net.
       pool     HTTPS  1 . alpn=h2
       pool     HTTPS  2 back.example.net. port=8443
       pool     HTTPS  3 POOL.example.net. port=8444
       pool     A      192.0.2.1
       pool     AAAA   2001:db8::1
       back     A      192.0.2.2
       plain    HTTPS  0 back.example.net.
       none     HTTPS  0 .
       out      HTTPS  1 www.example.com.
       below    HTTPS  1 a.cut.example.net.
       cut      NS     a.cut.example.net.
       a.cut    A      192.0.2.3
       loop1    HTTPS  0 loop2.example.net.
       loop2    HTTPS  0 loop1.example.net.
       self     HTTPS  0 self.example.net.
       *.wild   HTTPS  1 .
       *.wild   A      192.0.2.4
       alias    CNAME  pool.example.net.
       old      DNAME  wild.example.net.
       steer    HTTPS  1 go.example.net.
       _dns     SVCB   1 back.example.net. alpn=dot
       mixed    HTTPS  0 back.example.net.
       mixed    HTTPS  1 pool.example.net.`,
      { 'go.example.net|A': steeredSet([group('A', ['192.0.2.9'])]) },
    ),
  ),
);

function line({ name, type, rdata }: ResourceRecord): string {
  return `${formatName(name)} ${typeName(type)}${type === 1 ? ` ${rdata.join('.')}` : ''}`;
}

function additional(name: string, type = 'TYPE65'): string[] {
  const message = readMessage(respond(context, encodeQuery({ name, type })));
  assert.equal(message.rcode, 0);
  return message.additional.map(line);
}

const POOL = ['pool.example.net A 192.0.2.1', 'pool.example.net AAAA', 'back.example.net A 192.0.2.2'];

describe('RFC 9460 4.1: what an SVCB or HTTPS answer carries along', () => {
  const expected: ReadonlyArray<readonly [name: string, additional: readonly string[]]> = [
    ['pool.example.net', POOL],
    ['example.net', ['pool.example.net HTTPS', 'pool.example.net HTTPS', 'pool.example.net HTTPS', ...POOL]],
    ['plain.example.net', ['back.example.net A 192.0.2.2']],
    ['mixed.example.net', ['back.example.net A 192.0.2.2']],
    ['alias.example.net', POOL],
    ['x.wild.example.net', ['x.wild.example.net A 192.0.2.4']],
    ['y.old.example.net', ['y.wild.example.net A 192.0.2.4']],
    ['none.example.net', []],
    ['out.example.net', []],
    ['below.example.net', []],
    ['steer.example.net', []],
    ['self.example.net', []],
    ['loop1.example.net', ['loop2.example.net HTTPS']],
  ];
  for (const [name, lines] of expected) test(name, () => assert.deepEqual(additional(name), lines));

  test('SVCB as HTTPS, each for itself', () => {
    assert.deepEqual(additional('_dns.example.net', 'TYPE64'), ['back.example.net A 192.0.2.2']);
    assert.deepEqual(additional('pool.example.net', 'TYPE64'), []);
  });
});

test('the target of a service is not compressed (RFC 9460 2.2)', () => {
  const response = respond(context, encodeQuery({ name: 'out.example.net', type: 'TYPE65' }));
  assert.ok(response.includes('\x03www\x07example\x03com\0', 12, 'latin1'));
  const [answer] = readMessage(
    respond(context, encodeQuery({ name: 'pool.example.net', type: 'TYPE65' })),
  ).answers;
  assert.deepEqual([...answer!.rdata.subarray(0, 3)], [0, 1, 0]);
});
