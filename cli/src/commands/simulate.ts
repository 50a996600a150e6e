/**
 * `signpost simulate CONFIG`: a population of resolvers lives through a scenario, steered by this configuration; what
 * each target sees, how fast traffic leaves what fails and how far shares are from weights, as a table and as a plot.
 */
import { readFileSync, writeFileSync } from 'node:fs';

import type { Configuration } from '@signpost/contracts/configuration';
import { formatDuration } from '@signpost/contracts/duration';
import { NOWHERE } from '@signpost/contracts/place';
import type { ClientFinder } from '@signpost/controller/explain/explain';
import { buildTopology } from '@signpost/controller/topology/topology';
import { formatName, parseName } from '@signpost/dns/name-text';
import { defaultDatabasePath } from '@signpost/geo/default-database';
import { openGeoDatabase, openSystemDatabase } from '@signpost/geo/mmdb-file';

import { paint, printJson, printLine, printProblem } from '../draw/print.ts';
import { fileProblem } from '../file-problem.ts';
import { drawSimulation } from '../simulate/draw-simulation.ts';
import { failovers } from '../simulate/failovers.ts';
import { skews } from '../simulate/skews.ts';
import { plotSimulation } from '../simulate/plot-simulation.ts';
import { type ClientLine, readClients } from '../simulate/read-clients.ts';
import { readScenario } from '../simulate/read-scenario.ts';
import { EMPTY_SCENARIO, type Scenario } from '../simulate/scenario.ts';
import { simulate as run } from '../simulate/simulate.ts';
import { simulationJson } from '../simulate/simulation-json.ts';
import { steeredName } from '../simulate/steered-name.ts';
import { readChecked } from './check.ts';

export interface SimulateOptions {
  readonly clients?: string;
  readonly resolvers?: number;
  readonly scenario?: string;
  /** Milliseconds. */
  readonly for: number;
  readonly name?: string;
  readonly seed: number;
  /** Wall clock. */
  readonly start: number;
  readonly geoDb?: string;
  readonly asnDb?: string;
  readonly plot?: string;
  readonly json?: boolean;
}

export function simulate(file: string, options: SimulateOptions): void {
  const checked = readChecked(file);
  if (checked === undefined) return;
  const { configuration } = checked;
  const input = readInput(options, configuration);
  const asked = options.name === undefined ? undefined : formatName(parseName(options.name));
  const name = steeredName(buildTopology(configuration), asked);
  const mistakes = [...input.mistakes, ...(typeof name === 'string' ? [`${file}: ${name}`] : [])];
  if (mistakes.length > 0 || typeof name === 'string') return refuse(mistakes);
  const recording = run({
    configuration,
    name,
    scenario: input.scenario,
    ...(input.clients !== undefined && { clients: input.clients }),
    finder: input.finder,
    durationMs: options.for,
    startMs: options.start,
    seed: options.seed,
  });
  const findings = { failovers: failovers(recording), skews: skews(recording) };
  if (options.plot !== undefined) writeFileSync(options.plot, plotSimulation(recording));
  if (options.json === true) printJson(simulationJson(recording, findings));
  else for (const line of drawSimulation(recording, findings, (text) => paint('bold', text))) printLine(line);
}

interface SimulationInput {
  readonly scenario: Scenario;
  readonly clients: readonly ClientLine[] | undefined;
  readonly finder: ClientFinder;
  readonly mistakes: readonly string[];
}

/** Everything that is wrong with the files besides the configuration, at once. */
function readInput(options: SimulateOptions, configuration: Configuration): SimulationInput {
  const mistakes: string[] = [];
  let scenario = EMPTY_SCENARIO;
  let clients: readonly ClientLine[] | undefined;
  let finder: ClientFinder = { place: () => NOWHERE };
  const attempt = (path: string, read: (path: string) => readonly string[]): void => {
    try {
      mistakes.push(...read(path));
    } catch (error) {
      mistakes.push(fileProblem(path, error));
    }
  };
  if (options.scenario !== undefined) {
    attempt(options.scenario, (path) => {
      const read = readScenario(readFileSync(path, 'utf8'), path, configuration);
      if (!read.ok) return read.mistakes;
      ({ scenario } = read);
      return lateEvents(path, scenario, options.for);
    });
  }
  if (options.clients !== undefined) {
    attempt(options.clients, (path) => {
      const read = readClients(readFileSync(path, 'utf8'), path);
      if (!read.ok) return read.mistakes;
      ({ clients } = read);
      return [];
    });
  }
  attempt(options.geoDb ?? defaultDatabasePath(), (path) => {
    const database = openGeoDatabase(readFileSync(path), path);
    finder = { place: (octets) => database.lookup(octets) };
    return [];
  });
  if (options.asnDb !== undefined) {
    attempt(options.asnDb, (path) => {
      const database = openSystemDatabase(readFileSync(path), path);
      finder = { ...finder, system: (octets) => database.lookup(octets) };
      return [];
    });
  }
  const { population } = scenario;
  const resolvers = options.resolvers ?? population.resolvers;
  return {
    scenario: { ...scenario, population: { ...population, resolvers } },
    clients,
    finder,
    mistakes,
  };
}

function lateEvents(path: string, { events }: Scenario, durationMs: number): string[] {
  const late = events.filter(({ at }) => at >= durationMs);
  if (late.length === 0) return [];
  const last = formatDuration(late.at(-1)!.at);
  return [
    `${path}: ${late.length} of its events come after the end, the last one at ${last}; write a longer --for`,
  ];
}

function refuse(mistakes: readonly string[]): void {
  for (const mistake of mistakes) printProblem(mistake);
  process.exitCode = 2;
}
