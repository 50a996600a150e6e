import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RRType } from '@signpost/dns/constants';
import { encodeRdata } from '@signpost/dns/rdata';

import { recordTexts } from './static-record.ts';

test('texts of every type but TXT stay as written', () => {
  assert.deepEqual(recordTexts('A', ['192.0.2.1', '192.0.2.2']), ['192.0.2.1', '192.0.2.2']);
  assert.deepEqual(recordTexts('MX', ['10 mail.example.net.']), ['10 mail.example.net.']);
});

test('fields are written in the order of their type', () => {
  assert.deepEqual(recordTexts('MX', [{ preference: 10, exchange: 'mail.example.net.' }]), [
    '10 mail.example.net.',
  ]);
  assert.deepEqual(recordTexts('SRV', [{ priority: 1, weight: 2, port: 443, target: 'a.example.net.' }]), [
    '1 2 443 a.example.net.',
  ]);
  assert.deepEqual(recordTexts('CAA', [{ flags: 0, tag: 'issue', value: 'ca.example.net; x="1"' }]), [
    String.raw`0 issue "ca.example.net; x=\"1\""`,
  ]);
});

test('plain text becomes quoted strings of at most 255 octets that hold the same octets', () => {
  const texts = ['', 'v=spf1 -all', 'a "b" \\ ; é\t', 'x'.repeat(255), 'x'.repeat(256), 'é'.repeat(300)];
  for (const text of texts) {
    const [written] = recordTexts('TXT', [text]);
    const octets = encodeRdata(RRType.TXT, written!);
    const read: number[] = [];
    for (let at = 0; at < octets.length; at += octets[at]! + 1) {
      read.push(...octets.subarray(at + 1, at + 1 + octets[at]!));
    }
    assert.equal(new TextDecoder().decode(Uint8Array.from(read)), text);
  }
  assert.deepEqual(recordTexts('TXT', ['', 'a"b', 'é']), ['""', String.raw`"a\"b"`, String.raw`"\195\169"`]);
});
