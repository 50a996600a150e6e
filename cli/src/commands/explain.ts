/** `signpost explain NAME --client ADDRESS`: each rule and stage, taken or not and why, and the answer. */
import { explanationSchema, type Explanation, type RuleView } from '@signpost/contracts/explanation';

import { askApi, type ApiOptions } from '../api-client.ts';
import { paint, printJson, printLine } from '../draw/print.ts';
import { paintState } from '../draw/state.ts';
import { reportFailure } from '../report-failure.ts';

export async function explain(
  name: string,
  options: ApiOptions & { client: string; at?: string; json?: boolean },
): Promise<void> {
  await reportFailure(async () => {
    const at = options.at === undefined ? '' : `&at=${encodeURIComponent(options.at)}`;
    const path = `/api/v1/explain?name=${encodeURIComponent(name)}&client=${encodeURIComponent(options.client)}${at}`;
    const explanation = await askApi(options, path, explanationSchema);
    if (options.json === true) printJson(explanation);
    else for (const line of drawExplanation(explanation)) printLine(line);
  });
}

export function drawExplanation(explanation: Explanation): string[] {
  const { place } = explanation;
  const where = [place.continent, place.country, place.subdivision].filter((code) => code !== '').join('-');
  const at = explanation.at === undefined ? '' : ` at ${explanation.at}`;
  return [
    `${paint('bold', explanation.name)} for ${explanation.client}${at}`,
    `client   ${where === '' ? 'nowhere known' : where} (by its first ${place.prefixLength} bits)${place.asn === undefined ? '' : `, AS${place.asn}`}`,
    `outcome  ${explanation.outcome}${explanation.policy === undefined ? '' : ` by policy ${explanation.policy}`}` +
      `${explanation.zone === undefined ? '' : ` in zone ${explanation.zone}`}, generation ${explanation.generation}`,
    ...drawView(explanation),
    ...(explanation.pin === undefined ? [] : [`pin      ${explanation.pin}`]),
    ...explanation.rules.flatMap(drawRule),
    ...explanation.answers.flatMap((answer) => [
      `${paint('bold', answer.type)}  ttl ${answer.ttl}, ${answer.select} of:${answer.candidates.length === 0 ? ' none (NODATA)' : ''}`,
      ...answer.candidates.map(
        (candidate) =>
          `    ${candidate.rdata}  ${(candidate.share * 100).toFixed(1)} %${candidate.target === undefined ? '' : `  ${candidate.target}`}`,
      ),
    ]),
    `scope    /${explanation.scope}${explanation.scope === 0 ? '' : ', or wider where neighbouring networks get the same'}`,
    ...drawRemedy(explanation),
    ...(explanation.notes ?? []).map((note) => `note     ${note}`),
  ];
}

function drawView({ view }: Explanation): string[] {
  if (view === undefined) return [];
  return [`view     of vantage ${view.vantage}, near by ${view.near}: it sees ${view.reason}`];
}

function drawRule(rule: RuleView): string[] {
  const mark = rule.matched ? paint('green', '✓') : paint('dim', '·');
  return [
    `${mark} rule ${rule.index + 1}  ${rule.when}: ${rule.reason} (needs ${rule.prefixLength} bits)`,
    ...rule.stages.flatMap((stage) => [
      `    ${stage.taken ? paint('green', '✓') : paint('dim', '·')} try ${stage.stage}: ${stage.reason}`,
      ...stage.pools.flatMap((pool) => drawPool(pool, stage)),
    ]),
  ];
}

type StageView = RuleView['stages'][number];

/** Of several pools of a stage each has a line of its own; the one with the tick is the client's. */
function drawPool(pool: StageView['pools'][number], stage: StageView): string[] {
  const isOneOfMany = stage.pools.length > 1;
  const mark = pool.chosen ? paint('green', '✓') : paint('dim', '·');
  const indent = isOneOfMany ? ' '.repeat(12) : ' '.repeat(8);
  return [
    ...(isOneOfMany ? [`        ${mark} pool ${pool.pool}`] : []),
    ...pool.members.map(
      ({ target, weight, state, override, serves, reason }) =>
        `${indent}${serves ? '+' : '-'} ${target} weight ${weight} ${paintState(override ?? state)}  ${reason}`,
    ),
  ];
}

/** What to do about a name that has no answer. */
function drawRemedy({ outcome, zone }: Explanation): string[] {
  switch (outcome) {
    case 'refused':
      return ['note     no zone of the configuration holds this name; signpost status lists the zones'];
    case 'nxdomain':
      return [`note     the name is not in zone ${zone}; add it to its records and apply the configuration`];
    case 'nodata':
      return [`note     there are names below it in zone ${zone}, but it has no records of its own`];
    case 'steered':
    case 'static':
      return [];
    default:
      throw new TypeError(`unhandled outcome ${String(outcome satisfies never)}`);
  }
}
