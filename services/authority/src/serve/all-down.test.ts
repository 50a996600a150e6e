/** What a policy comes to when nothing is healthy: SERVFAIL, and what resolvers are told of other answers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  askContext,
  contextFor,
  group,
  shown,
  snapshotOf,
  steeredSet,
  zoneOf,
} from '../testing/sample-zone.ts';
import { STANDINGS } from './standing.ts';

const A = ['192.0.2.10'];
const down = (standing: (typeof STANDINGS)[number], answers = A) =>
  steeredSet([group('A', answers, { standing })]);

const zone = zoneOf('example.net', 'alias CNAME failing.example.net.\nfailing TXT "beside"', {
  'failing.example.net|A': down('servfail', []),
  'lonely.example.net|A': down('servfail', []),
  'open.example.net|A': down('fail_open'),
  'resort.example.net|A': down('last_resort'),
  'last.example.net|A': down('last_healthy'),
  'fallback.example.net|A': down('fallback'),
  'nothing.example.net|A': down('nodata', []),
  'well.example.net|A': down('healthy'),
  'lacking.example.net|A': down('healthy', []),
  'large.example.net|A': steeredSet([
    group(
      'A',
      Array.from({ length: 64 }, (_, n) => `192.0.2.${n}`),
      { standing: 'fail_open', select: 64, pick: 'ordered' },
    ),
  ]),
});

function ask(name: string, type = 'A', more: object = { edns: true }) {
  const context = contextFor(snapshotOf(zone));
  const answer = askContext(context, { name: `${name}.example.net`, type, ...more });
  return { ...answer, standing: STANDINGS[context.standing] };
}

test('RFC 2308 7: SERVFAIL has no record at all, and no SOA by which it could be kept as NODATA', () => {
  for (const name of ['failing', 'lonely', 'alias']) {
    const { rcode, answers, authorities, additionals, flags, edns, standing } = ask(name);
    assert.deepEqual(
      [rcode, answers, authorities, additionals, flags.aa, standing],
      ['SERVFAIL', [], [], [], false, 'servfail'],
      name,
    );
    assert.deepEqual(edns?.errors, [{ infoCode: 0, text: 'no pool serves: servfail' }]);
  }
  const plain = ask('alias', 'A', {});
  assert.deepEqual([plain.rcode, plain.answers, plain.edns], ['SERVFAIL', [], undefined]);
  assert.equal(ask('failing', 'A', { subnet: '81.2.69.0/24' }).edns?.clientSubnet?.scopePrefixLength, 0);
});

test('another type of the name is what it is, and ANY passes over what fails', () => {
  assert.deepEqual(shown(ask('failing', 'TXT').answers).length, 1);
  assert.equal(ask('failing', 'AAAA').rcode, 'NOERROR');
  assert.deepEqual(
    ask('failing', 'ANY').answers.map(({ type }) => type),
    ['TXT'],
  );
  const { standing, edns } = ask('failing', 'ANY');
  assert.deepEqual([standing, edns?.errors], ['healthy', []], 'what it gives stands well');
  assert.equal(ask('lonely', 'ANY').rcode, 'SERVFAIL');
});

test('RFC 8914: what is served though all targets are down says so, if there is room', () => {
  const texts = {
    open: 'no pool serves: fail_open',
    resort: 'no pool is healthy enough: last_resort',
    last: 'no pool serves: last_healthy',
    fallback: 'no pool serves: fallback',
    nothing: 'no target serves: nodata',
  };
  for (const [name, text] of Object.entries(texts)) {
    const { rcode, edns } = ask(name);
    assert.deepEqual([rcode, edns?.errors], ['NOERROR', [{ infoCode: 0, text }]], name);
  }
  for (const name of ['well', 'lacking']) assert.deepEqual(ask(name).edns?.errors, [], name);
  assert.equal(ask('open', 'A', {}).edns, undefined);
  const full = ask('large', 'A', { edns: { udpPayloadSize: 1_080 } });
  assert.deepEqual([full.flags.tc, full.answers.length, full.edns?.errors], [false, 64, []]);
});
