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
    `scope    /${explanation.scope}`,
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
      ...stage.pools.flatMap((pool) =>
        pool.members.map(
          (member) =>
            `        ${member.serves ? '+' : '-'} ${member.target} weight ${member.weight} ${paintState(member.state)}  ${member.reason}`,
        ),
      ),
    ]),
  ];
}
