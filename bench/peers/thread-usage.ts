/**
 * What a process, its children and all their threads have used of the processor so far, from /proc; Linux only.
 * The sum is exact to the nanosecond (schedstat); what part of it was the kernel's is known by ticks of 10 ms.
 */
import { readdirSync, readFileSync } from 'node:fs';

export interface Usage {
  readonly cpuNs: number;
  /** Of ticks, that were the kernel's. */
  readonly userTicks: number;
  readonly systemTicks: number;
  /** By thread. */
  readonly threadNs: ReadonlyMap<string, number>;
}

export function usageOfTree(pid: number): Usage {
  const threadNs = new Map<string, number>();
  let [cpuNs, userTicks, systemTicks] = [0, 0, 0];
  for (const process of treeOf(pid)) {
    for (const thread of entries(`/proc/${process}/task`)) {
      const home = `/proc/${process}/task/${thread}`;
      const [fields, schedule] = [statOf(home), read(`${home}/schedstat`)];
      if (fields === undefined || schedule === undefined) continue; // it has ended
      const ns = Number(schedule.split(' ')[0]);
      threadNs.set(thread, ns);
      cpuNs += ns;
      userTicks += Number(fields[11]);
      systemTicks += Number(fields[12]);
    }
  }
  return { cpuNs, userTicks, systemTicks, threadNs };
}

export interface Used {
  readonly cpuUs: number;
  readonly userUs: number;
  readonly systemUs: number;
  /** Of each thread's time, the largest first. */
  readonly threadUs: readonly number[];
}

/** Between two looks. */
export function usedBetween(before: Usage, after: Usage): Used {
  const cpuUs = (after.cpuNs - before.cpuNs) / 1_000;
  const [user, system] = [after.userTicks - before.userTicks, after.systemTicks - before.systemTicks];
  const systemUs = user + system === 0 ? 0 : (cpuUs * system) / (user + system);
  const threadUs = [...after.threadNs].map(
    ([thread, ns]) => (ns - (before.threadNs.get(thread) ?? 0)) / 1_000,
  );
  return {
    cpuUs,
    userUs: Math.max(0, cpuUs - systemUs),
    systemUs,
    threadUs: threadUs.toSorted((a, b) => b - a),
  };
}

/** The process and all below it. */
function treeOf(pid: number): readonly string[] {
  const parents = new Map<string, string>();
  for (const process of entries('/proc').filter((name) => /^\d+$/.test(name))) {
    const parent = statOf(`/proc/${process}`)?.[1];
    if (parent !== undefined) parents.set(process, parent);
  }
  const tree = [String(pid)];
  for (const parent of tree) {
    for (const [process, of] of parents) if (of === parent) tree.push(process); // grows while it is read
  }
  return tree;
}

/** Fields after the name, which stands in parentheses and may hold spaces: state, parent, ... (proc(5)). */
function statOf(home: string): readonly string[] | undefined {
  return read(`${home}/stat`)?.split(') ').at(-1)!.split(' ');
}

function entries(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}
