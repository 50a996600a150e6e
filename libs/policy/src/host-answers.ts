/**
 * Answers of MX (RFC 1035 3.3.9) and SRV (RFC 2782): the hosts of the chosen pool first, those of the next healthy one
 * behind them by preference or priority. One RRset. Pure.
 */
import type { SteeredAnswer } from '@signpost/contracts/record-set';

import type { WeighedPool } from './weighed-pool.ts';
import type { ServicePlan } from './policy-input.ts';
import { type ServiceHost, serviceHosts } from './service-hosts.ts';

/** Preferences leave room for hosts in between, as administrators write them. */
const MX_STEP = 10;
const SRV_STEP = 1;
/** RFC 2782: 16 bits. */
const MOST_WEIGHT = 65_535;

export function hostAnswers(
  type: 'MX' | 'SRV',
  own: WeighedPool,
  next: WeighedPool | undefined,
  { owner, preference, srv }: ServicePlan,
): SteeredAnswer[] {
  const chosen = serviceHosts(own, owner);
  const known = new Set(chosen.map(({ host }) => host.toLowerCase()));
  const others = (next === undefined ? [] : serviceHosts(next, owner)).filter(
    ({ host }) => !known.has(host.toLowerCase()),
  );
  const ranks = [
    { hosts: chosen, rank: 0 },
    { hosts: others, rank: 1 },
  ];
  return ranks.flatMap(({ hosts, rank }) => {
    const weights = weightsOf(hosts);
    return hosts.flatMap(({ host, target }, index): SteeredAnswer[] => {
      if (type === 'MX') return [{ rdata: `${preference + rank * MX_STEP} ${host}`, target, weight: 1 }];
      if (srv === undefined) return [];
      const rdata = `${srv.priority + rank * SRV_STEP} ${weights[index]!} ${srv.port} ${host}`;
      return [{ rdata, target, weight: 1 }];
    });
  });
}

/** Theirs, or where the largest has no room in 16 bits, smaller in proportion; none that is above 0 comes to 0. */
function weightsOf(hosts: readonly ServiceHost[]): readonly number[] {
  const most = Math.max(0, ...hosts.map(({ weight }) => weight));
  const scale = most > MOST_WEIGHT ? MOST_WEIGHT / most : 1;
  return hosts.map(({ weight }) => (weight === 0 ? 0 : Math.max(1, Math.floor(weight * scale))));
}
