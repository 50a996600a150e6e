/**
 * Decides where test servers come from: a binary on the PATH, else a container
 * engine, else Debian's packages, else one line that says what to install.
 * It must not start a server.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

import { installDebianPackages, mayInstallDebianPackages } from './install-debian-packages.ts';

export type ServerBinary = 'nats-server' | 'redis-server';

export type ServerSource =
  | { readonly kind: 'binary'; readonly file: string }
  | { readonly kind: 'container'; readonly image: string };

/** The images of docker-compose.yml, so that a machine needs one of each. */
const images = { 'nats-server': 'nats:2-alpine', 'redis-server': 'redis:7-alpine' } as const;

/**
 * `SIGNPOST_TEST_SERVERS` = `path` or `containers` forces one way.
 * Throws an Error of one line when no way is open.
 */
export async function serverSource(binary: ServerBinary, env = process.env): Promise<ServerSource> {
  const forced = env['SIGNPOST_TEST_SERVERS'] ?? '';
  if (!['', 'path', 'containers'].includes(forced)) {
    throw new Error(`SIGNPOST_TEST_SERVERS is ${JSON.stringify(forced)}; it takes "path" or "containers"`);
  }
  const file = forced === 'containers' ? undefined : findOnPath(binary, env);
  if (file !== undefined) return { kind: 'binary', file };
  if (forced !== 'path' && (await containerEngineAnswers()))
    return { kind: 'container', image: images[binary] };
  if (forced !== 'containers' && mayInstallDebianPackages()) {
    await installDebianPackages(['nats-server', 'redis-server'], () => findOnPath(binary, env) !== undefined);
    const installed = findOnPath(binary, env);
    if (installed !== undefined) return { kind: 'binary', file: installed };
  }
  throw new Error(
    forced === 'containers'
      ? 'SIGNPOST_TEST_SERVERS=containers, but no container engine answers: start Docker or Podman, or set DOCKER_HOST'
      : `${binary} is missing: install nats-server and redis-server (Debian: apt-get install nats-server redis-server), or start a container engine`,
  );
}

/** Debian puts servers in /usr/sbin, which is not on everybody's PATH. */
export function findOnPath(binary: string, env: NodeJS.ProcessEnv): string | undefined {
  const directories = [...(env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return directories
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, binary))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function containerEngineAnswers(): Promise<boolean> {
  try {
    const { getContainerRuntimeClient } = await import('testcontainers'); // slow to load, rarely needed
    await getContainerRuntimeClient();
    return true;
  } catch {
    return false;
  }
}
