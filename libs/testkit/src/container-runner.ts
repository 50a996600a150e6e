/**
 * Runs a test server in a container, through testcontainers, when a machine
 * has an engine but no binary. The port is bound by number, because engines
 * choose another one at each start and a restart must keep it.
 */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

import type { StartedTestContainer } from 'testcontainers';

import { freePort } from './free-port.ts';
import type { ServerKind, ServerPlace, ServerRunner } from './server-kind.ts';

const filesDir = '/etc/signpost-test';
const readyLimitMs = 60_000;
const label = 'signpost.test-server';

export async function containerRunner(
  kind: ServerKind,
  image: string,
  place: ServerPlace,
): Promise<ServerRunner> {
  const port = place.port ?? (await freePort());
  let started: StartedTestContainer | undefined;
  let pid = 0;

  return {
    port,
    get pid() {
      return pid;
    },
    lines: [],
    start: async () => {
      if (started === undefined) started = await createContainer(kind, image, port, place.dataDir);
      else await (await engineContainer(started)).start();
      await untilReady(kind, port);
      pid = (await (await engineContainer(started)).inspect()).State.Pid;
    },
    signal: async (signal) => {
      if (started !== undefined) await (await engineContainer(started)).kill({ signal });
    },
    end: async (signal) => {
      if (started === undefined || pid === 0) return;
      await endContainer(started, signal);
      pid = 0;
    },
    wipe: async () => {
      // Its data goes with it; the next start makes a new one on the same port.
      await started?.stop({ remove: true, removeVolumes: true });
      started = undefined;
      if (place.dataDir !== undefined) await rm(place.dataDir, { recursive: true, force: true });
    },
    dispose: async () => {
      if (started !== undefined && pid !== 0) await endContainer(started, 'SIGKILL');
      await started?.stop({ remove: true, removeVolumes: true });
      started = undefined;
      pid = 0;
    },
  };
}

async function createContainer(
  kind: ServerKind,
  image: string,
  port: number,
  dataDir: string | undefined,
): Promise<StartedTestContainer> {
  const { GenericContainer, Wait } = await import('testcontainers');
  const files = Object.entries(kind.files).map(([name, content]) => ({
    content,
    target: `${filesDir}/${name}`,
  }));
  const args = kind.args({
    host: '0.0.0.0',
    port: kind.standardPort,
    dataDir: kind.containerDataDir,
    filesDir,
  });
  const id = randomUUID();
  const container = new GenericContainer(image)
    .withEntrypoint([kind.binary])
    .withCommand(args)
    .withLabels({ [label]: id })
    .withExposedPorts({ container: kind.standardPort, host: port })
    .withCopyContentToContainer(files)
    .withWaitStrategy(Wait.forLogMessage(kind.readyLine))
    .withStartupTimeout(readyLimitMs);
  if (dataDir !== undefined) container.withBindMounts([{ source: dataDir, target: kind.containerDataDir }]);
  let printed = '';
  container.withLogConsumer((stream) => stream.on('data', (data) => (printed += String(data))));
  try {
    return await container.start();
  } catch (error) {
    printed += await removeFailed(id);
    throw new Error(`${kind.binary} did not start; it printed:\n${printed}`, { cause: error });
  }
}

/** What a container that ended at once printed: testcontainers had no time to listen, nor does it remove it. */
async function removeFailed(id: string): Promise<string> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  const failed = await (
    await getContainerRuntimeClient()
  ).container.fetchByLabel(label, id, {
    status: ['created', 'exited', 'running'],
  });
  if (failed === undefined) return '';
  const printed = await failed.logs({ stdout: true, stderr: true });
  await failed.remove({ force: true, v: true });
  return unframed(printed);
}

/** The engine puts eight octets before each piece: which stream, three zeros, the length. */
function unframed(log: Buffer): string {
  let text = '';
  for (let at = 0; at + 8 <= log.length; at += 8 + log.readUInt32BE(at + 4)) {
    text += log.toString('utf8', at + 8, at + 8 + log.readUInt32BE(at + 4));
  }
  return text;
}

async function engineContainer(started: StartedTestContainer) {
  const { getContainerRuntimeClient } = await import('testcontainers');
  return (await getContainerRuntimeClient()).container.getById(started.getId());
}

async function endContainer(started: StartedTestContainer, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const container = await engineContainer(started);
  const { State } = await container.inspect();
  if (!State.Running) return;
  const ended = container.wait();
  await container.kill({ signal });
  if (signal === 'SIGTERM') await container.kill({ signal: 'SIGCONT' }).catch(() => {}); // it may be frozen
  await ended;
}

async function untilReady(kind: ServerKind, port: number): Promise<void> {
  const giveUpAt = performance.now() + readyLimitMs;
  for (;;) {
    try {
      return await kind.greet(port);
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
      await wait(20);
    }
  }
}
