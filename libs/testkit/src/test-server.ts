/**
 * A real server that a test starts, freezes, kills and restarts on the same
 * port with the same data. What NATS and Redis have in common stands here,
 * what they differ in comes as a `ServerKind`.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { containerRunner } from './container-runner.ts';
import { freePort } from './free-port.ts';
import { startGuardedProcess, type GuardedProcess } from './guarded-process.ts';
import type { ServerKind, ServerPlace, ServerRunner } from './server-kind.ts';
import { serverSource, type ServerSource } from './server-source.ts';

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly host: '127.0.0.1';
  readonly port: number;
  /** Of the running process; on the engine's host when it is a container; 0 when nothing runs. */
  readonly pid: number;
  /** What the server printed since its last start; empty for containers. */
  readonly lines: readonly string[];
  /** SIGKILL and SIGTERM resolve when the process has ended, others at once. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Ends the process and keeps its data, so that `restart` can follow. */
  stop(): Promise<void>;
  /** Ends the process if it runs and starts it on the same port; `wipe` starts it empty. */
  restart(options?: { readonly wipe?: boolean }): Promise<void>;
}

export async function startTestServer(kind: ServerKind, place: ServerPlace): Promise<TestServer> {
  const source = await serverSource(kind.binary);
  const runner =
    source.kind === 'binary'
      ? await binaryRunner(kind, source, place)
      : await containerRunner(kind, source.image, place);
  try {
    await runner.start();
  } catch (error) {
    await runner.dispose();
    throw error;
  }
  return {
    host: '127.0.0.1',
    port: runner.port,
    url: `${kind.scheme}://127.0.0.1:${runner.port}`,
    get pid() {
      return runner.pid;
    },
    get lines() {
      return runner.lines;
    },
    kill: (signal) =>
      signal === 'SIGKILL' || signal === 'SIGTERM' ? runner.end(signal) : runner.signal(signal),
    stop: () => runner.end('SIGTERM'),
    restart: async ({ wipe = false } = {}) => {
      await runner.end(wipe ? 'SIGKILL' : 'SIGTERM');
      if (wipe) await runner.wipe();
      await runner.start();
    },
    [Symbol.asyncDispose]: () => runner.dispose(),
  };
}

async function binaryRunner(
  kind: ServerKind,
  { file }: Extract<ServerSource, { kind: 'binary' }>,
  place: ServerPlace,
): Promise<ServerRunner> {
  const scratchDir = await mkdtemp(join(tmpdir(), `signpost-test-${kind.binary}-`));
  const dataDir = place.dataDir ?? join(scratchDir, 'data');
  await prepareDirectories(kind, scratchDir, dataDir);
  let port = place.port;
  let running: GuardedProcess | undefined;

  const begin = (at: number) => {
    const args = kind.args({ host: '127.0.0.1', port: at, dataDir, filesDir: scratchDir });
    return startWhenReady(kind, file, args, scratchDir);
  };
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    if (signal === 'SIGKILL') running?.signal('SIGKILL');
    await running?.stop();
  };
  return {
    get port() {
      return port!;
    },
    get pid() {
      return running?.isRunning === true ? running.pid : 0;
    },
    get lines() {
      return running?.lines ?? [];
    },
    start: async () => {
      const started = await untilPortIsFree(port, begin);
      ({ port, process: running } = started);
    },
    signal: async (signal) => running?.signal(signal),
    end,
    wipe: () => emptyDirectory(dataDir),
    dispose: async () => {
      await end('SIGKILL');
      await rm(scratchDir, { recursive: true, force: true });
    },
  };
}

async function prepareDirectories(kind: ServerKind, filesDir: string, dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  for (const [name, content] of Object.entries(kind.files)) await writeFile(join(filesDir, name), content);
}

async function emptyDirectory(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
}

type Start = { readonly kind: 'ready'; readonly process: GuardedProcess } | { readonly kind: 'port-taken' };

async function startWhenReady(
  kind: ServerKind,
  file: string,
  args: string[],
  scratchDir: string,
): Promise<Start> {
  const process = await startGuardedProcess(file, args, { scratchDir });
  try {
    await process.waitForLine(kind.readyLine);
    return { kind: 'ready', process };
  } catch (error) {
    await process.stop();
    if (process.lines.some((line) => kind.portTakenLine.test(line))) return { kind: 'port-taken' };
    throw error;
  }
}

/** With a port of the caller's, waits for it a while; otherwise takes another one. */
async function untilPortIsFree(
  wanted: number | undefined,
  begin: (port: number) => Promise<Start>,
): Promise<{ readonly port: number; readonly process: GuardedProcess }> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const port = wanted ?? (await freePort());
    const start = await begin(port);
    if (start.kind === 'ready') return { port, process: start.process };
    if (wanted !== undefined) await wait(100);
  }
  throw new Error(wanted === undefined ? 'every port tried was taken' : `port ${wanted} stays taken`);
}
