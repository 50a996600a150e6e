/**
 * Starts a child process, collects its lines and sees to it that it dies with
 * the test process, however that ends: a tiny shell waits for the end of its
 * input, which comes when we are gone, and then kills the child by its id.
 * It must not know what the child is.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** The exit code, or the name of the signal that ended it. */
export type ProcessEnd = number | NodeJS.Signals;

export interface GuardedProcess {
  readonly pid: number;
  /** Everything printed so far, both streams in order of arrival. */
  readonly lines: readonly string[];
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  readonly isRunning: boolean;
  /** Resolves when the process has ended and all its lines are in. */
  waitForEnd(deadlineMs?: number): Promise<ProcessEnd>;
  /** The match of the first line, printed before or after the call, that `pattern` matches. */
  waitForLine(pattern: RegExp, deadlineMs?: number): Promise<RegExpExecArray>;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL when that takes longer than `deadlineMs`. Harmless when it has ended. */
  stop(deadlineMs?: number): Promise<ProcessEnd>;
  write(text: string): void;
  /** Reads no more of what it prints, as a pager that was left: what it then writes fails. */
  closeOutput(): void;
}

export interface GuardedProcessOptions {
  /** The whole environment but for the UDP layer that a test run chose (udp-layers.ts). */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** A directory to delete if we die before we could. */
  readonly scratchDir?: string;
}

export async function startGuardedProcess(
  file: string,
  args: readonly string[],
  { env, cwd, scratchDir }: GuardedProcessOptions = {},
): Promise<GuardedProcess> {
  const child = spawn(file, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(env === undefined ? {} : { env: { ...chosenLayer(), ...env } }),
    ...(cwd === undefined ? {} : { cwd }),
  });
  await once(child, 'spawn');
  child.stdin.on('error', () => {}); // it may be gone before we write
  const guard = startGuard(child.pid!, scratchDir);
  const output = collectOutput(child);
  const name = [file, ...args].join(' ');
  const ended = once(child, 'close').then(([code, signal]) => {
    guard.kill('SIGKILL');
    output.end = (code ?? signal) as ProcessEnd;
    output.changed();
    return output.end;
  });
  letTheTestEnd(child);
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  return {
    pid: child.pid!,
    lines: output.lines,
    stdout: output.stdout,
    stderr: output.stderr,
    get isRunning() {
      return isRunning();
    },
    waitForEnd: (deadlineMs = 10_000) => within(deadlineMs, ended, () => `${name} still runs`),
    waitForLine: (pattern, deadlineMs = 10_000) => waitForLine(name, output, pattern, deadlineMs),
    signal: (signal) => {
      if (isRunning()) child.kill(signal);
    },
    stop: async (deadlineMs = 5_000) => {
      if (isRunning()) {
        child.kill('SIGTERM');
        child.kill('SIGCONT'); // a stopped process would not see the first
      }
      const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
      return ended.finally(() => clearTimeout(timer));
    },
    write: (text) => {
      child.stdin.write(text);
    },
    closeOutput: () => {
      child.stdout.destroy();
      child.stderr.destroy();
    },
  };
}

/** Its own session, so that Ctrl-C does not end the guard before it has done its work. */
function startGuard(pid: number, scratchDir = ''): ChildProcess {
  const script = 'read -r _; kill -9 "$1" 2>/dev/null; [ -z "$2" ] || { sleep 0.2; rm -rf -- "$2"; }';
  const guard = spawn('/bin/sh', ['-c', script, 'signpost-test-guard', String(pid), scratchDir], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.on('error', () => {});
  guard.unref();
  (guard.stdin as unknown as { unref(): void }).unref();
  return guard;
}

interface Output {
  readonly lines: string[];
  readonly stdout: string[];
  readonly stderr: string[];
  readonly listeners: Set<() => void>;
  /** Set once, when nothing more can come. */
  end?: ProcessEnd;
  changed(): void;
}

function collectOutput(child: ChildProcess): Output {
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const output: Output = { lines: [], stdout: [], stderr: [], listeners, changed };
  const collect = (stream: Readable, into: string[]) =>
    createInterface({ input: stream }).on('line', (line) => {
      into.push(line);
      output.lines.push(line);
      changed();
    });
  collect(child.stdout!, output.stdout);
  collect(child.stderr!, output.stderr);
  return output;
}

/** A forgotten child must not keep a test file from ending. Whoever waits for it holds a timer meanwhile. */
function letTheTestEnd(child: ChildProcess): void {
  for (const part of [child, child.stdin, child.stdout, child.stderr])
    (part as unknown as { unref(): void }).unref();
}

function waitForLine(
  name: string,
  output: Output,
  pattern: RegExp,
  deadlineMs: number,
): Promise<RegExpExecArray> {
  const matcher = new RegExp(pattern, pattern.flags.replace(/[gy]/g, ''));
  return new Promise((resolve, reject) => {
    let next = 0;
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      output.listeners.delete(look);
      settle();
    };
    const fail = (why: string) =>
      finish(() => reject(new Error(`${name}: ${why}; it printed:\n${output.lines.slice(-40).join('\n')}`)));
    const look = () => {
      for (; next < output.lines.length; next += 1) {
        const match = matcher.exec(output.lines[next]!);
        if (match !== null) return finish(() => resolve(match));
      }
      if (output.end !== undefined) fail(`ended with ${output.end} before a line matched ${pattern}`);
    };
    const timer = setTimeout(() => fail(`no line matched ${pattern} within ${deadlineMs} ms`), deadlineMs);
    output.listeners.add(look);
    look();
  });
}

function within<T>(deadlineMs: number, promise: Promise<T>, what: () => string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what()} after ${deadlineMs} ms`)), deadlineMs);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function chosenLayer(): NodeJS.ProcessEnv {
  const layer = process.env['SIGNPOST_UDP'];
  return layer === undefined ? {} : { SIGNPOST_UDP: layer };
}
