/** One run of the load generator against one server: what came back, and what it cost the server. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { pinnedTo, LOAD_CORE } from './pinned.ts';
import type { RunningServer } from './start-peer.ts';
import { type Used, usageOfTree, usedBetween } from './thread-usage.ts';

const run = promisify(execFile);

export interface Load {
  /** The compiled generator. */
  readonly program: string;
  /** Of prepared queries. */
  readonly queries: string;
  readonly seconds: number;
  /** Queries a second; undefined: as many as the server takes. */
  readonly rate?: number;
  readonly flags?: readonly string[];
}

/** As `native/dns-load.c` prints it. */
interface LoadReport {
  readonly seconds: number;
  readonly sent: number;
  readonly received: number;
  readonly right: number;
  readonly lost: number;
  readonly stray: number;
  readonly late: number;
  readonly wrong: Readonly<Record<string, number>>;
  /** Of IPv4 clients' answers. */
  readonly meanScope: number;
  readonly latencyUs: { readonly p50: number; readonly p90: number; readonly p99: number };
}

export interface LoadResult extends LoadReport {
  readonly qps: number;
  /** Microseconds per answer. */
  readonly cpuUs: number;
  readonly userUs: number;
  readonly systemUs: number;
  readonly used: Used;
  /** Answers that were not as they must be. */
  readonly wrongCount: number;
  /** What the generator said of the first wrong answers. */
  readonly complaint: string;
}

export async function runLoad(server: RunningServer, load: Load): Promise<LoadResult> {
  const { program, queries, seconds, rate, flags = [] } = load;
  const asked = ['--server', `127.0.0.1:${server.port}`, '--queries', queries, '--seconds', String(seconds)];
  const paced = rate === undefined ? [] : ['--rate', rate.toFixed(0)];
  const [file, ...args] = [...pinnedTo(LOAD_CORE), program, ...asked, ...paced, ...flags];
  const before = usageOfTree(server.pid);
  const { stdout, stderr } = await run(file!, args, { timeout: seconds * 1_000 + 60_000 });
  const used = usedBetween(before, usageOfTree(server.pid));
  const report = JSON.parse(stdout) as LoadReport;
  const answers = Math.max(1, report.received);
  return {
    ...report,
    used,
    qps: report.received / report.seconds,
    cpuUs: used.cpuUs / answers,
    userUs: used.userUs / answers,
    systemUs: used.systemUs / answers,
    wrongCount: Object.values(report.wrong).reduce((sum, count) => sum + count, 0),
    complaint: stderr,
  };
}
