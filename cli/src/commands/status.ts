/** `signpost status`: the present state of targets, vantages, authorities and zones, drawn as tables. */
import { FAMILIES } from '@signpost/contracts/health';
import { describeOverride } from '@signpost/contracts/override';
import { statusSchema, type Status } from '@signpost/contracts/status';

import { askApi, type ApiOptions } from '../api-client.ts';
import { drawHold } from '../draw/hold-line.ts';
import { paint, printJson, printLine } from '../draw/print.ts';
import { drawUnhealthy } from '../draw/unhealthy-line.ts';
import { drawAge, drawTable } from '../draw/table.ts';
import { reportFailure } from '../report-failure.ts';
import { paintState } from '../draw/state.ts';
import { drawOverrides } from '../draw/override.ts';
import { drawLoads } from '../draw/loads.ts';

export async function status(options: ApiOptions & { json?: boolean }): Promise<void> {
  await reportFailure(async () => {
    const state = await askApi(options, '/api/v1/status', statusSchema);
    if (options.json === true) printJson(state);
    else for (const line of drawStatus(state, Date.now())) printLine(line);
  });
}

/** `nowMs`: wall clock, to show since when. */
export function drawStatus(state: Status, nowMs: number): string[] {
  return [
    ...drawController(state),
    ...state.guards.map((hold) => `${paint('red', 'held')}  ${drawHold(hold, nowMs)}; ${hold.approve}`),
    ...state.unhealthy.map(drawUnhealthy),
    '',
    ...drawTargets(state, nowMs),
    '',
    ...drawPlanned(state, nowMs),
    ...drawLoads(state.loads),
    ...drawVantages(state, nowMs),
    '',
    ...drawAuthorities(state),
    '',
    ...state.hosts.flatMap(({ host, addresses, failing }) =>
      failing === undefined
        ? []
        : [
            `${paint('red', 'unresolved')}  ${host}: ${failing}; answered as ${addresses.join(', ') || 'nothing'}`,
          ],
    ),
    ...drawTable(
      ['ZONE', 'SERIAL', 'RECORD SETS'],
      state.zones.map((zone) => [zone.apex, String(zone.serial), String(zone.recordSets)]),
      paintHeader,
    ),
  ];
}

function drawController({ controller }: Status): string[] {
  const facts = [
    controller.leader ? 'leads' : 'stands by',
    controller.converged ? 'converged' : 'not converged yet',
    `generation ${controller.generation}`,
    `configuration ${controller.configRevision ?? 'none yet'}`,
    ...(controller.messagingConnected ? [] : [paint('red', 'NATS is away')]),
    ...drawStore(controller),
  ];
  return [`controller: ${facts.join(', ')}`];
}

/** A Redis that is reached may refuse: no memory left, a disk that is full, a replica that may only be read. */
function drawStore({ storeConnected, storeProblem }: Status['controller']): string[] {
  if (storeConnected && storeProblem === undefined) return [];
  const what = storeConnected ? 'Redis takes no changes' : 'Redis is away';
  return [paint('red', storeProblem === undefined ? what : `${what} (${storeProblem})`)];
}

function drawTargets(state: Status, nowMs: number): string[] {
  const rows = state.targets.map((target) => [
    target.target,
    target.override?.set ?? target.state,
    drawSince(target, nowMs),
    target.monitor ?? '-',
    target.pools.join(','),
    target.addresses.join(' '),
    target.dampedUntilMs === undefined ? (target.frozen ? 'frozen' : '') : 'damped',
    [whyOf(target), ...remarksOf(target)].join('; '),
  ]);
  return drawTable(
    ['TARGET', 'STATE', 'FOR', 'MONITOR', 'POOLS', 'ADDRESSES', 'HELD', 'WHY'],
    rows,
    (text, column, header) =>
      !header && column === 1 ? paintState(text) : paintHeader(text, column, header),
  );
}

/** What probers say beside their votes: warnings, and why one of them cannot probe. Each once, with who says it. */
function remarksOf({ evidence }: Status['targets'][number]): string[] {
  const sayers = new Map<string, Set<string>>();
  for (const { vantage, families } of evidence) {
    for (const family of FAMILIES) {
      const { state, reason = '', warning } = families[family] ?? {};
      const said = [
        ...(warning === undefined ? [] : [`warning: ${warning}`]),
        ...(state === 'unknown' ? [reason] : []),
      ];
      for (const remark of said) sayers.set(remark, (sayers.get(remark) ?? new Set()).add(vantage));
    }
  }
  return [...sayers].map(([remark, vantages]) => `${remark} (${[...vantages].join(', ')})`);
}

type TargetStatus = Status['targets'][number];

function drawSince({ override, sinceMs }: TargetStatus, nowMs: number): string {
  const since = override === undefined || override.sinceMs === 0 ? sinceMs : override.sinceMs;
  return since === undefined ? '' : drawAge(nowMs - since);
}

/** Who overrides it first, then what checks say, which does not count meanwhile. */
function whyOf({ override, state, reason }: TargetStatus): string {
  return override === undefined ? reason : `${describeOverride(override)}; checks: ${state}, ${reason}`;
}

function drawPlanned({ planned }: Status, nowMs: number): string[] {
  return planned.length === 0 ? [] : [...drawOverrides(planned, nowMs), ''];
}

/** A line per prober; what is said of the vantage stands in its first. */
function drawVantages(state: Status, nowMs: number): string[] {
  const rows = state.vantages.flatMap((vantage) => {
    const { vantage: name, state: standing, sinceMs, reason } = vantage;
    const since = sinceMs === undefined ? '' : drawAge(nowMs - sinceMs);
    if (vantage.probers.length === 0) return [[name, standing, since, 'no prober', '', '', '', reason]];
    return vantage.probers.map((prober, index) => [
      name,
      standing,
      since,
      prober.prober,
      prober.fresh ? 'fresh' : 'silent',
      drawAge(prober.heartbeatAgeMs),
      String(prober.reports),
      index === 0 ? reason : '',
    ]);
  });
  return drawTable(
    ['VANTAGE', 'STATE', 'FOR', 'PROBER', 'HEARTBEAT', 'HEARD AGO', 'REPORTS', 'WHY'],
    rows,
    (text, column, header) =>
      !header && column === 1 ? paintState(text) : paintHeader(text, column, header),
  );
}

function drawAuthorities(state: Status): string[] {
  const rows = state.authorities.map((authority) => [
    authority.node,
    authority.ready ? 'ready' : 'not ready',
    String(authority.generation),
    authority.progress,
    authority.storeConnected ? 'connected' : 'from memory',
    authority.listens.join(' '),
  ]);
  return drawTable(
    ['AUTHORITY', 'STATE', 'GENERATION', '', 'REDIS', 'LISTENS'],
    rows,
    (text, column, header) =>
      !header && column === 3 ? paintState(text) : paintHeader(text, column, header),
  );
}

function paintHeader(text: string, _column: number, isHeader: boolean): string {
  return isHeader ? paint('dim', text) : text;
}
