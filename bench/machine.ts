/** Where and under what load something was measured: without this no figure says anything. */
import { cpus, loadavg, release } from 'node:os';

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly kernel: string;
  readonly node: string;
  /** Of the last minute: what else went on. */
  readonly load: number;
}

export function describeMachine(): Machine {
  const all = cpus();
  return {
    processor: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    kernel: release(),
    node: process.version,
    load: Number(loadavg()[0]!.toFixed(1)),
  };
}

export function machineLine({ processor, cores, kernel, node, load }: Machine): string {
  return `${processor}, ${cores} cores, Linux ${kernel}, Node ${node}, load average ${load}`;
}
