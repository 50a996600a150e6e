/** What a process holds in memory, as Linux tells it. */
import { readFileSync } from 'node:fs';

/** Resident set size. */
export function residentMegabytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  if (kilobytes === undefined) throw new Error(`process ${pid} has no VmRSS: it has ended`);
  return Number(kilobytes) / 1_024;
}
