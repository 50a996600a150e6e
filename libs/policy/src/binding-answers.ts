/**
 * Answers of HTTPS and SVCB (RFC 9460): a record of priority 1 for the chosen pool and, with `failover`, one of priority
 * 2 for the next healthy one. One RRset. Pure.
 *
 *   1 eu.go.example.net. alpn=h3,h2 port=8443 ipv4hint=192.0.2.10,192.0.2.11 ipv6hint=2001:db8::10
 *   2 us.go.example.net. ...
 *
 * The target of a pool of host names is the host; several have a record of the same priority each.
 */
import type { SteeredAnswer } from '@signpost/contracts/record-set';

import { canonicalIpv6 } from './address-answers.ts';
import type { WeighedPool } from './weighed-pool.ts';
import type { ServicePlan } from './policy-input.ts';
import { serviceHosts } from './service-hosts.ts';

export function bindingAnswers(
  own: WeighedPool,
  next: WeighedPool | undefined,
  { owner, binding }: ServicePlan,
): SteeredAnswer[] {
  const chosen = recordsOf(own, 1, owner, binding);
  if (!binding.failover || next === undefined) return chosen;
  return [...chosen, ...recordsOf(next, 2, owner, binding)];
}

function recordsOf(
  pool: WeighedPool,
  priority: number,
  owner: string,
  binding: ServicePlan['binding'],
): SteeredAnswer[] {
  const params = [
    ...(binding.alpn === undefined ? [] : [`alpn=${binding.alpn.join(',')}`]),
    ...(binding.port === undefined ? [] : [`port=${binding.port}`]),
    ...(binding.hints ? hintsOf(pool) : []),
  ];
  return serviceHosts(pool, owner).map(({ host, target }) => {
    // Without a second record the name itself will do: its addresses are those of the same pool.
    const name = binding.failover || pool.pool.hostNames ? host : '.';
    return { rdata: [priority, name, ...params].join(' '), target, weight: 1 };
  });
}

/** As many as a resolver's cache should carry for something that only saves a look-up. */
const MOST_HINTS = 8;

/** Of the members that serve, the heaviest first. Hosts elsewhere have addresses that are theirs to change. */
function hintsOf({ members }: WeighedPool): string[] {
  const sorted = members.toSorted((a, b) => b.weight - a.weight);
  const ipv4 = sorted.flatMap(({ member: { configuration, ipv4: state }, ignoreHealth }) =>
    configuration.a === undefined || (state === 'down' && !ignoreHealth) ? [] : [configuration.a],
  );
  const ipv6 = sorted.flatMap(({ member: { configuration, ipv6: state }, ignoreHealth }) =>
    configuration.aaaa === undefined || (state === 'down' && !ignoreHealth)
      ? []
      : [canonicalIpv6(configuration.aaaa)],
  );
  return [...hint('ipv4hint', ipv4), ...hint('ipv6hint', ipv6)];
}

function hint(key: string, addresses: readonly string[]): string[] {
  const different = [...new Set(addresses)].slice(0, MOST_HINTS);
  return different.length === 0 ? [] : [`${key}=${different.join(',')}`];
}
