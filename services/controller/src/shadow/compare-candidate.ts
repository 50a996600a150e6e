/**
 * A candidate beside what runs: the same health, overrides and clients, two configurations. Pure. Targets that only
 * the candidate has were never checked, so they count as unknown; guards are asked when it is applied, not here.
 */
import type { AnswerSample } from '@signpost/contracts/answer-sample';
import type { Comparison } from '@signpost/contracts/candidate';
import type { Configuration } from '@signpost/contracts/configuration';

import { compileZones } from '../compile/compile-zone.ts';
import { regionalHealth } from '../compile/regional-health.ts';
import { clientView, type ClientFinder, type ExplainTools } from '../explain/explain.ts';
import { parseClient } from '../explain/parse-client.ts';
import { type ControllerState, healthView } from '../reconcile/controller-state.ts';
import { buildTopology } from '../topology/topology.ts';
import { compareClients } from './compare-clients.ts';
import { compareNames } from './compare-names.ts';
import { presentView } from '../compile/present-view.ts';

/** `nowMs`: wall clock. */
export function compareCandidate(
  state: ControllerState,
  candidate: Configuration,
  samples: readonly AnswerSample[],
  finder: ClientFinder,
  nowMs: number,
  { measured, affinity }: ExplainTools = {},
): Comparison {
  const { held, ...view } = presentView(state, nowMs, affinity);
  const healthBy = (configuration: Pick<Configuration, 'vantages'>) =>
    regionalHealth(healthView(state.verdicts), state.verdicts, configuration);
  const topology = state.configuration?.topology;
  const now =
    topology === undefined
      ? new Map()
      : compileZones(topology, healthBy(topology.configuration), { ...view, ...(held && { held }) });
  const then = compileZones(buildTopology(candidate), healthBy(candidate), view);
  const clientOf = ({ client, resolver }: AnswerSample) => {
    const parsed = parseClient(client ?? resolver);
    return parsed && clientView(parsed, finder);
  };
  return { ...compareNames(now, then), ...compareClients(now, then, samples, clientOf, measured) };
}
