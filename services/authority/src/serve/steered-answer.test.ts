/** Steered record sets on their way through a query: client, scope, empty answers, pools of host names. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { nowhere } from '@signpost/contracts/place';
import { encodeQuery } from '@signpost/testkit/dns-client';

import {
  askContext,
  contextFor,
  group,
  respond,
  shown,
  snapshotOf,
  steeredSet,
  zoneOf,
} from '../testing/sample-zone.ts';
import type { QueryContext } from './query-context.ts';

const EU = group('A', ['192.0.2.10', '192.0.2.11']);
const US = group('A', ['198.51.100.10']);
const HOSTS = group('CNAME', ['edge.example.net.']);
const NOBODY = group('A', [], { standing: 'nodata' });

const byGeo = (first: typeof EU, second: typeof EU) =>
  steeredSet([first, second], { rules: [{ when: [{ geos: ['EU'] }], branch: 0 }, { branch: 1 }] });

const zone = zoneOf('example.net', 'edge A 203.0.113.1\nchain CNAME go.example.net.\npartly TXT "x"', {
  'go.example.net|A': byGeo(EU, US),
  'strict.example.net|A': byGeo(EU, NOBODY),
  'mixed.example.net|A': byGeo(HOSTS, US),
  'mixed.example.net|CNAME': byGeo(HOSTS, group('A', [])),
  'inner.example.net|CNAME': byGeo(group('CNAME', ['go.example.net.']), HOSTS),
  'inner.example.net|A': byGeo(group('CNAME', ['go.example.net.']), HOSTS),
  'lost.example.net|A': byGeo(group('CNAME', ['none.example.net.']), US),
  'subnet.example.net|A': steeredSet([EU, US], {
    rules: [{ when: [{ subnets: ['10.0.0.0/8'] }], branch: 0 }, { branch: 1 }],
  }),
  'deep.example.net|A': byGeo(group('CNAME', ['subnet.example.net.']), US),
  'turns.example.net|A': steeredSet([group('A', ['192.0.2.1', '192.0.2.2'], { pick: 'round_robin' })]),
  'partly.example.net|A': byGeo(EU, NOBODY),
  'all.example.net|A': steeredSet([group('A', ['192.0.2.1', '192.0.2.2', '192.0.2.3'], { select: 3 })]),
  '*.wild.example.net|A': steeredSet([US]),
});

/** 81.0.0.0/8 is in Europe, decided by 12 bits; elsewhere nothing is known, which took 9. */
function geoContext(): QueryContext {
  const context = contextFor(snapshotOf(zone));
  context.client.places = {
    lookup: (address) =>
      address[0] === 81 ? { continent: 'EU', country: 'GB', subdivision: '', prefixLength: 12 } : nowhere(9),
  };
  return context;
}

const EUROPE = '81.2.69.0/24';
const AMERICA = '8.8.8.0/24';

test('the client subnet decides, and the scope is what the decision took, not the source', () => {
  const context = geoContext();
  for (const [subnet, prefix, scope] of [
    [EUROPE, '192.0.2.', 12],
    [AMERICA, '198.51.100.', 9],
    ['81.2.69.77/32', '192.0.2.', 12],
    ['81.0.0.0/8', '192.0.2.', 12],
  ] as const) {
    const { answers, edns } = askContext(context, { name: 'go.example.net', type: 'A', subnet });
    assert.match(shown(answers)[0]!, new RegExp(prefix.replaceAll('.', '\\.')));
    assert.equal(edns?.clientSubnet?.scopePrefixLength, scope);
    assert.equal(answers[0] !== undefined && 'ttl' in answers[0] && answers[0].ttl, 20);
  }
});

test('family, source and address come back octet for octet', () => {
  for (const subnet of [EUROPE, '81.2.64.0/18', '2001:db8:1::/48', '2001:db8::/33', '0.0.0.0/0', '::/0']) {
    const query = encodeQuery({ name: 'go.example.net', type: 'A', subnet });
    const response = respond(geoContext(), query);
    const asked = query.subarray(query.indexOf(Buffer.of(0, 41), 12) + 10); // the options
    const answered = response.subarray(response.length - asked.length);
    answered[7] = asked[7]!; // the scope
    assert.deepEqual([...answered], [...asked], subnet);
  }
});

describe('while a vantage sees health otherwise than the rest', () => {
  const views = [
    { vantage: 'eu', near: ['EU'], rules: [{ branch: 1 }] },
    { vantage: 'fr', near: ['EU-FR'] },
  ];
  const viewed = zoneOf('example.net', '', {
    'seen.example.net|A': steeredSet([US, EU], { rules: [{ branch: 0 }], views }),
    'void.example.net|A': steeredSet([US, NOBODY], { rules: [{ branch: 0 }], views }),
  });
  const ask = (subnet: string | undefined, country = 'GB', name = 'seen.example.net') => {
    const context = contextFor(snapshotOf(viewed));
    let lookups = 0;
    context.client.places = {
      lookup: (address) => {
        lookups += 1;
        return address[0] === 81
          ? { continent: 'EU', country, subdivision: '', prefixLength: 12 }
          : nowhere(9);
      },
    };
    const question = { name, type: 'A', ...(subnet === undefined ? {} : { subnet }) };
    const { answers, edns } = askContext(context, question);
    assert.equal(lookups, 1);
    return [shown(answers)[0]?.split(' ').at(-1), edns?.clientSubnet?.scopePrefixLength];
  };

  test('clients near it get its view, by the scope that finding their place took', () => {
    assert.match(String(ask(EUROPE)[0]), /^192\.0\.2\./);
    assert.equal(ask(EUROPE)[1], 12);
    assert.deepEqual(ask('81.0.0.0/8')[1], 12);
  });

  test('others get what the rest sees, and the scope says that they were looked up', () => {
    assert.deepEqual(ask(AMERICA), ['198.51.100.10', 9]);
    assert.deepEqual(ask(undefined), ['198.51.100.10', undefined]);
    assert.deepEqual(ask(EUROPE, 'FR'), ['198.51.100.10', 12], 'a nearer vantage sees what the rest sees');
  });

  test('a denial keeps scope 0', () => {
    assert.deepEqual(ask(EUROPE, 'GB', 'void.example.net'), [undefined, 0]);
  });
});

test("without ECS the resolver's own address decides and no ECS comes back", () => {
  const context = geoContext();
  const answer = askContext(context, { name: 'go.example.net', type: 'A', edns: true });
  assert.match(shown(answer.answers)[0]!, /198\.51\.100\.10/);
  assert.equal(answer.edns?.clientSubnet, undefined);
});

test("source prefix length 0 means: use the resolver's address, and the scope is 0", () => {
  const { answers, edns } = askContext(geoContext(), {
    name: 'go.example.net',
    type: 'A',
    subnet: '0.0.0.0/0',
  });
  assert.match(shown(answers)[0]!, /198\.51\.100\.10/);
  assert.equal(edns?.clientSubnet?.scopePrefixLength, 0);
});

describe('the scope is 0', () => {
  const context = geoContext();
  for (const [name, type] of [
    ['edge.example.net', 'A'],
    ['nothing.example.net', 'A'],
    ['go.example.net', 'MX'],
    ['strict.example.net', 'A'],
    ['turns.example.net', 'A'],
    ['example.com', 'A'],
  ] as const) {
    test(`for ${name} ${type}`, () => {
      const { edns } = askContext(context, { name, type, subnet: AMERICA });
      assert.equal(edns?.clientSubnet?.scopePrefixLength, 0);
    });
  }
});

test('subnets count as well as places', () => {
  const context = geoContext();
  const ask = (subnet: string) => askContext(context, { name: 'subnet.example.net', type: 'A', subnet });
  assert.match(shown(ask('10.1.2.0/24').answers)[0]!, /192\.0\.2\./);
  assert.equal(ask('10.1.2.0/24').edns?.clientSubnet?.scopePrefixLength, 8);
  assert.match(shown(ask(AMERICA).answers)[0]!, /198\.51\.100\.10/);
});

test("a policy that has nothing for a client is NODATA for at most the record's TTL, never NXDOMAIN", () => {
  const answer = askContext(geoContext(), { name: 'strict.example.net', type: 'A', subnet: AMERICA });
  assert.equal(answer.rcode, 'NOERROR');
  assert.deepEqual(shown(answer.authorities), ['example.net SOA ttl 20']);
  const other = askContext(geoContext(), { name: 'go.example.net', type: 'MX', subnet: AMERICA });
  assert.deepEqual(shown(other.authorities), ['example.net SOA ttl 60']);
});

test('ANY passes over a policy that has nothing for a client while the name holds something else', () => {
  const ask = (name: string) => askContext(geoContext(), { name, type: 'ANY', subnet: AMERICA });
  assert.equal(ask('partly.example.net').answers.length, 1);
  const nothing = ask('strict.example.net');
  assert.deepEqual(
    [nothing.rcode, nothing.answers, shown(nothing.authorities)],
    ['NOERROR', [], ['example.net SOA ttl 20']],
  );
  const context = contextFor(snapshotOf(zoneOf('apex.test', '', { 'apex.test|A': steeredSet([NOBODY]) })));
  assert.deepEqual(shown(askContext(context, { name: 'apex.test', type: 'ANY' }).answers), [
    'apex.test SOA ttl 3600',
  ]);
});

describe('a pool of host names', () => {
  const context = geoContext();
  const alias = 'mixed.example.net CNAME edge.example.net';
  const ask = (type: string, subnet: string, name = 'mixed.example.net') => {
    const { answers, edns } = askContext(context, { name, type, subnet });
    return [shown(answers), edns?.clientSubnet?.scopePrefixLength];
  };

  test('answers for every type with a CNAME, which is followed', () => {
    assert.deepEqual(ask('A', EUROPE), [[alias, 'edge.example.net A 203.0.113.1'], 12]);
    assert.deepEqual(ask('MX', EUROPE), [[alias], 12]);
    assert.deepEqual(ask('CNAME', EUROPE), [[alias], 12]);
  });

  test('leaves clients of other pools with addresses', () => {
    assert.deepEqual(ask('A', AMERICA), [['mixed.example.net A 198.51.100.10'], 9]);
    assert.deepEqual(ask('MX', AMERICA), [[], 0]);
    assert.deepEqual(ask('CNAME', AMERICA), [[], 0]);
  });

  test('keeps the scope of the choice when the chain ends in NXDOMAIN', () => {
    const answer = askContext(context, { name: 'lost.example.net', type: 'A', subnet: EUROPE });
    assert.equal(answer.rcode, 'NXDOMAIN');
    assert.equal(answer.edns?.clientSubnet?.scopePrefixLength, 12);
  });

  test('may lead to another steered name, decided for the same client', () => {
    const [answers] = ask('A', EUROPE, 'inner.example.net');
    assert.equal((answers as string[])[0], 'inner.example.net CNAME go.example.net');
    assert.match((answers as string[])[1]!, /go\.example\.net A 192\.0\.2\./);
  });
});

test("a static CNAME to a steered name carries that name's scope", () => {
  const { answers, edns } = askContext(geoContext(), {
    name: 'chain.example.net',
    type: 'A',
    subnet: EUROPE,
  });
  assert.equal(answers.length, 2);
  assert.equal(edns?.clientSubnet?.scopePrefixLength, 12);
});

test('of a chain of decisions the longest scope holds', () => {
  const context = geoContext();
  const { answers, edns } = askContext(context, { name: 'deep.example.net', type: 'A', subnet: EUROPE });
  assert.equal(answers.length, 2);
  const own = askContext(context, { name: 'subnet.example.net', type: 'A', subnet: EUROPE });
  assert.ok(own.edns!.clientSubnet!.scopePrefixLength < 12);
  assert.equal(edns?.clientSubnet?.scopePrefixLength, 12);
});

test('round robin takes turns, select sends several, a wildcard steers too', () => {
  const context = geoContext();
  const first = (name: string) => shown(askContext(context, { name, type: 'A' }).answers);
  assert.notDeepEqual(first('turns.example.net'), first('turns.example.net'));
  assert.equal(new Set(first('all.example.net')).size, 3);
  assert.deepEqual(first('x.wild.example.net'), ['x.wild.example.net A 198.51.100.10']);
});

test('weights are shared out by the draw', () => {
  const shares = new Map<string, number>();
  for (let i = 0; i < 100; i += 1) {
    const context = geoContext();
    const drawn = contextFor(context.snapshot, (into) => void into.fill(i / 100));
    drawn.client.places = context.client.places;
    const [line] = shown(askContext(drawn, { name: 'go.example.net', type: 'A', subnet: EUROPE }).answers);
    shares.set(line!, (shares.get(line!) ?? 0) + 1);
  }
  assert.deepEqual([...shares.values()], [50, 50]);
});
