/**
 * A scenario file to a checked scenario, or to every mistake in it with its place. Opens no file.
 */
import { describeIssue } from '@signpost/config/describe-issue';
import type { JsonSchema } from '@signpost/config/json-schema';
import { matchProblem } from '@signpost/config/match-targets';
import { type Path, readYaml, type YamlSource } from '@signpost/config/read-yaml';
import { suggest } from '@signpost/config/suggest';
import type { Configuration } from '@signpost/contracts/configuration';
import { geoCodeProblem } from '@signpost/contracts/place';
import * as z from 'zod';

import { matchOf, readableEvent, type Scenario, type ScenarioEvent, scenarioSchema } from './scenario.ts';

export type CheckedScenario =
  | { readonly ok: true; readonly scenario: Scenario }
  /** `FILE:line:col: message`, in the order of the file. */
  | { readonly ok: false; readonly mistakes: readonly string[] };

/** `file` is the name to print. Events are put in the order of their times. */
export function readScenario(text: string, file: string, configuration: Configuration): CheckedScenario {
  const source = readYaml(text);
  const found = source.mistakes.map(({ range, message }) => ({ start: range.start, message }));
  const value = source.value ?? {};
  const parsed = scenarioSchema.safeParse(value);
  if (found.length === 0) {
    found.push(...referenceMistakes(value, source, configuration));
    const issues = parsed.error?.issues ?? [];
    for (const { path, message, at } of issues.flatMap((issue) =>
      describeIssue(issue, value, jsonSchema()),
    )) {
      const range =
        at === 'value' ? source.rangeOf(path) : source.keyRangeOf(at === 'key' ? path : path.slice(0, -1));
      found.push({ start: range.start, message });
    }
  }
  if (!parsed.success || found.length > 0) return { ok: false, mistakes: tell(found, source, file) };
  const events = parsed.data.events.toSorted((a, b) => a.at - b.at);
  return { ok: true, scenario: { ...parsed.data, events } };
}

interface Found {
  readonly start: number;
  readonly message: string;
}

function tell(found: readonly Found[], source: YamlSource, file: string): string[] {
  return found
    .toSorted((a, b) => a.start - b.start)
    .map(({ start, message }) => {
      const { line, column } = source.placeOf(start);
      return `${file}:${line}:${column} ${message}`;
    });
}

function jsonSchema(): JsonSchema {
  return z.toJSONSchema(scenarioSchema, { io: 'input', target: 'draft-2020-12' }) as JsonSchema;
}

/** Of every event, also of those whose time or the like is malformed. */
function referenceMistakes(scenario: unknown, source: YamlSource, configuration: Configuration): Found[] {
  const { events } = scenario as { events?: unknown };
  return (Array.isArray(events) ? events : []).flatMap((written: unknown, index) => {
    const event = readableEvent(written);
    const problems = event === undefined ? [] : problemsOf(event, configuration);
    return problems.map(({ path, message }) => ({
      start: source.rangeOf(['events', index, ...path]).start,
      message,
    }));
  });
}

interface Problem {
  readonly path: Path;
  readonly message: string;
}

function problemsOf(event: ScenarioEvent, configuration: Configuration): Problem[] {
  const match = matchOf(event);
  if (match !== undefined) {
    const problem = matchProblem(match, configuration);
    const [kind] = Object.keys(event).filter((key) => ['kill', 'degrade', 'recover', 'drain'].includes(key));
    return problem === undefined ? [] : [{ path: [kind!], message: problem }];
  }
  if ('weights' in event) return weightProblems(event.weights, configuration);
  if (!('surge' in event)) return [];
  return (event.geos ?? []).flatMap((code, index) => {
    const problem = geoCodeProblem(code);
    return problem === undefined ? [] : [{ path: ['geos', index], message: problem }];
  });
}

function weightProblems(
  { pool, members }: Extract<ScenarioEvent, { weights: unknown }>['weights'],
  { pools }: Configuration,
): Problem[] {
  const known = Object.hasOwn(pools, pool) ? pools[pool] : undefined;
  if (known === undefined) {
    const message = `there is no pool "${pool}"; ${suggest(pool, Object.keys(pools), 'pools')}`;
    return [{ path: ['weights', 'pool'], message }];
  }
  const targets = known.members.map(({ target }) => target);
  return Object.keys(members)
    .filter((target) => !targets.includes(target))
    .map((target) => ({
      path: ['weights', 'members', target],
      message: `pool "${pool}" has no member "${target}"; ${suggest(target, targets, 'members')}`,
    }));
}
