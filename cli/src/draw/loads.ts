/** Pools with load limits as a table: what they carry, whom they keep, where the others go. */
import type { Status } from '@signpost/contracts/status';

import { paint } from './print.ts';
import { drawTable } from './table.ts';

/** With an empty line behind it; nothing when no pool has limits. */
export function drawLoads(loads: Status['loads']): string[] {
  if (loads.length === 0) return [];
  const rows = loads.map(({ pool, load, soft, hard, keep, feed, room, spill, reason }) => [
    pool,
    load === undefined ? '-' : amount(load),
    amount(soft),
    amount(hard),
    percent(keep),
    feed,
    drawShares(room),
    drawShares(spill),
    reason,
  ]);
  const header = ['POOL', 'LOAD', 'SOFT', 'HARD', 'KEEPS', 'FEED', 'OTHERS GO TO', 'ALL, IF IT DIES', 'WHY'];
  return [...drawTable(header, rows, paintHeader), ''];
}

/** At most one decimal: 0.5 -> `50 %`. */
function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`;
}

function amount(load: number): string {
  return String(Math.round(load * 100) / 100);
}

function drawShares(shares: Readonly<Record<string, number>> | undefined): string {
  if (shares === undefined) return '-';
  return Object.entries(shares)
    .map(([pool, share]) => `${pool} ${percent(share)}`)
    .join(', ');
}

function paintHeader(text: string, _column: number, isHeader: boolean): string {
  return isHeader ? paint('dim', text) : text;
}
