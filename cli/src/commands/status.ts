/** `signpost status`: the present state of targets, vantages, authorities and zones, drawn as tables. */
import { statusSchema, type Status } from '@signpost/contracts/status';

import { getFromApi, type ApiOptions } from '../api-client.ts';
import { drawHold } from '../draw/hold-line.ts';
import { paint, printJson, printLine } from '../draw/print.ts';
import { drawAge, drawTable } from '../draw/table.ts';
import { reportFailure } from '../report-failure.ts';
import { paintState } from '../draw/state.ts';

export async function status(options: ApiOptions & { json?: boolean }): Promise<void> {
  await reportFailure(async () => {
    const state = await getFromApi(options, '/api/v1/status', statusSchema);
    if (options.json === true) printJson(state);
    else for (const line of drawStatus(state, Date.now())) printLine(line);
  });
}

/** `nowMs`: wall clock, to show since when. */
export function drawStatus(state: Status, nowMs: number): string[] {
  return [
    ...drawController(state),
    ...state.guards.map((hold) => `${paint('red', 'held')}  ${drawHold(hold, nowMs)}; ${hold.approve}`),
    '',
    ...drawTargets(state, nowMs),
    '',
    ...drawVantages(state),
    '',
    ...drawAuthorities(state),
    '',
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
    ...(controller.storeConnected ? [] : [paint('red', 'Redis is away')]),
  ];
  return [`controller: ${facts.join(', ')}`];
}

function drawTargets(state: Status, nowMs: number): string[] {
  const rows = state.targets.map((target) => [
    target.target,
    target.state,
    target.sinceMs === undefined ? '' : drawAge(nowMs - target.sinceMs),
    target.monitor ?? '-',
    target.pools.join(','),
    target.addresses.join(' '),
    target.reason,
  ]);
  return drawTable(
    ['TARGET', 'STATE', 'FOR', 'MONITOR', 'POOLS', 'ADDRESSES', 'WHY'],
    rows,
    (text, column, header) =>
      !header && column === 1 ? paintState(text) : paintHeader(text, column, header),
  );
}

function drawVantages(state: Status): string[] {
  const rows = state.vantages.flatMap((vantage) =>
    vantage.probers.length === 0
      ? [[vantage.vantage, 'no prober', '', '', '']]
      : vantage.probers.map((prober) => [
          vantage.vantage,
          prober.prober,
          prober.fresh ? 'fresh' : 'silent',
          drawAge(prober.heartbeatAgeMs),
          String(prober.reports),
        ]),
  );
  return drawTable(['VANTAGE', 'PROBER', 'VOTES', 'HEARD AGO', 'REPORTS'], rows, paintHeader);
}

function drawAuthorities(state: Status): string[] {
  const rows = state.authorities.map((authority) => [
    authority.node,
    authority.ready ? 'ready' : 'not ready',
    String(authority.generation),
    authority.generation === state.controller.generation ? 'current' : 'behind',
    authority.storeConnected ? 'connected' : 'from memory',
    authority.listens.join(' '),
  ]);
  return drawTable(['AUTHORITY', 'STATE', 'GENERATION', '', 'REDIS', 'LISTENS'], rows, paintHeader);
}

function paintHeader(text: string, _column: number, isHeader: boolean): string {
  return isHeader ? paint('dim', text) : text;
}
