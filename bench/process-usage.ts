/** What a process has used so far, from /proc; Linux only. */
import { readFileSync } from 'node:fs';

export interface Usage {
  /** User and system time of all its threads. */
  readonly cpuMs: number;
  readonly residentMiB: number;
}

/** Linux counts CPU time in hundredths of a second for everybody who asks. */
const MS_PER_TICK = 10;

export interface CpuTimes {
  readonly userMs: number;
  readonly systemMs: number;
}

/** Of all its threads. */
export function cpuTimesOf(pid: number): CpuTimes {
  // The name in parentheses may hold spaces; user and system time are the 12th and 13th field after it (proc(5)).
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)!.split(' ');
  return { userMs: Number(fields[11]) * MS_PER_TICK, systemMs: Number(fields[12]) * MS_PER_TICK };
}

export function usageOf(pid: number): Usage {
  const { userMs, systemMs } = cpuTimesOf(pid);
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return {
    cpuMs: userMs + systemMs,
    residentMiB: Number(resident?.[1] ?? 0) / 1_024,
  };
}
