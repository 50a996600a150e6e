/** The surges of a scenario, as the demand of each network of clients. Networks that surge alike share one demand. */
import { geoCodeMatches } from '@signpost/contracts/place';

import { Demand } from './demand.ts';
import type { Network } from './population.ts';
import type { ScenarioEvent } from './scenario.ts';

/** `offsetMs`: when the scenario begins. */
export function demandsOf(events: readonly ScenarioEvent[], offsetMs: number): (network: Network) => Demand {
  const surges = events.filter((event) => 'surge' in event);
  const demands = new Map<string, Demand>();
  const known = new Map<Network, Demand>();
  return (network) => {
    const before = known.get(network);
    if (before !== undefined) return before;
    const own = surges.filter(
      ({ geos }) => geos === undefined || geos.some((code) => geoCodeMatches(network.view.place(), code)),
    );
    const key = own.map((surge) => surges.indexOf(surge)).join();
    const demand =
      demands.get(key) ??
      new Demand(
        own.map((surge) => ({
          fromMs: offsetMs + surge.at,
          untilMs: surge.for === undefined ? Number.POSITIVE_INFINITY : offsetMs + surge.at + surge.for,
          factor: surge.surge,
        })),
      );
    demands.set(key, demand);
    known.set(network, demand);
    return demand;
  };
}
