/** What tables say of subnets, case by case; that they say what rules say is shown by the authority's property tests. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { NetworkTree } from '@signpost/contracts/network-tree';
import { nowhere, type Place } from '@signpost/contracts/place';
import { parsePrefix } from '@signpost/dns/address';

import { buildClientTable } from './build-client-table.ts';
import type { DecidingPart } from './client-rules.ts';
import { type ClientTable, findBranch, UNDECIDED } from './client-table.ts';
import { clientOf } from './reference/arbitrary-client.ts';

const nothing: NetworkTree<Place> = {
  root: () => 0,
  isLeaf: () => true,
  child: () => 0,
  valueOf: () => nowhere(0),
};

function tableOf(part: DecidingPart, places = nothing): ClientTable | undefined {
  const building = buildClientTable(part, { places, systems: undefined }, 100);
  for (;;) {
    const step = building.next();
    if (step.done === true) return step.value;
  }
}

/** The first that matches gives the branch that stands with it, else 0 is. */
function ofSubnets(...rules: readonly (readonly [subnet: string, branch: number])[]): ClientTable {
  const branches = Array.from({ length: 4 }, (_, group) => ({ group }));
  const when = rules.map(([subnet, branch]) => ({ when: [{ subnets: [subnet] }], branch }));
  return tableOf({ rules: [...when, { branch: 0 }], branches, views: undefined })!;
}

/** `branch/scope`, of a client of whom as much is known as the text says. */
function at(table: ClientTable, text: string): string {
  const prefix = parsePrefix(text);
  assert.ok(prefix.kind === 'prefix', text);
  const scope = { scope: 0 };
  const branch = findBranch(table, clientOf(prefix.family, prefix.octets, prefix.length), scope);
  return branch === UNDECIDED ? 'undecided' : `${branch}/${scope.scope}`;
}

test('each client is in one range, and the scope is the shortest prefix that stays in it', () => {
  const table = ofSubnets(['10.0.0.0/8', 1], ['11.0.0.0/8', 1], ['2001:db8::/33', 2]);
  assert.equal(table.ipv4.length, 3, 'neighbours that get the same are one');
  assert.equal(at(table, '10.1.2.0/24'), '1/7');
  assert.equal(at(table, '9.255.0.0/16'), '0/7');
  assert.equal(at(table, '12.0.0.0/8'), '0/6');
  assert.equal(at(table, '0.0.0.0/32'), '0/5');
  assert.equal(at(table, '255.255.255.255'), '0/1');
  assert.equal(at(table, '2001:db8:1::/48'), '2/33');
  assert.equal(at(table, '2001:db8:8000::/48'), '0/33');
  assert.equal(at(table, '8000::/1'), '0/1');
});

test('whoever does not tell all bits of a subnet is not known to be in it, and the rules are walked', () => {
  const table = ofSubnets(['10.0.0.0/8', 1], ['2001:db8::/32', 1]);
  assert.deepEqual([at(table, '10.0.0.0/7'), at(table, '10.0.0.0/8')], ['undecided', '1/8']);
  assert.deepEqual([at(table, '2001:db8::/31'), at(table, '2001:db8::/32')], ['undecided', '1/32']);
  assert.equal(at(table, '8.0.0.0/7'), '0/7');
});

test('of subnets within each other those count that change what the client gets', () => {
  const same = ofSubnets(['10.0.0.0/16', 1], ['10.0.0.0/8', 1]);
  assert.deepEqual([at(same, '10.0.0.0/8'), at(same, '10.0.0.0/7')], ['1/8', 'undecided']);
  const other = ofSubnets(['10.0.0.0/16', 2], ['10.0.0.0/8', 1]);
  assert.deepEqual([at(other, '10.0.0.0/16'), at(other, '10.0.0.0/15')], ['2/16', 'undecided']);
});

test('of subnets that are merged the longest counts, since no shorter prefix is in one of them', () => {
  const table = ofSubnets(['10.0.0.0/25', 1], ['10.0.0.128/26', 1], ['10.0.0.192/26', 1]);
  assert.equal(table.ipv4.length, 3);
  assert.equal(at(table, '10.0.0.0/24'), 'undecided');
  assert.equal(at(table, '10.0.0.128/25'), 'undecided');
  assert.equal(at(table, '10.0.0.128/26'), '1/24');
});

test('what only bits behind the first 64 of IPv6 tell is walked, unless all of it gets the same', () => {
  const table = ofSubnets(['2001:db8::1/128', 1], ['2001:db8:0:1::/65', 2], ['2001:db8:0:1:8000::/65', 2]);
  assert.equal(at(table, '2001:db8::1'), 'undecided');
  assert.equal(at(table, '2001:db8::2'), 'undecided');
  assert.equal(at(table, '2001:db8:0:1::1'), '2/64');
  assert.equal(at(table, '2001:db8:0:1::/64'), 'undecided');
  assert.equal(at(table, '2001:db8:0:2::/64'), '0/63');
});

test('the first 64 bits of IPv6 that are zero are walked, since IPv4 addresses are written so', () => {
  const table = ofSubnets(['8000::/1', 1]);
  assert.equal(at(table, '::ffff:192.0.2.1'), 'undecided');
  assert.equal(at(table, '0:0:0:1::/64'), '0/1');
});
