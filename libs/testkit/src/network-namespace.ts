/**
 * Network namespaces without names (Linux): a process in one of its own, and others put beside it. Nothing is left
 * behind: a namespace ends with its last process. It must not change the namespace that we are in.
 */
import { spawnSync } from 'node:child_process';

export interface NamespaceCommands {
  /** Goes before a command and its arguments, which then run in a new network namespace with all rights in it. */
  readonly create: readonly string[];
  /** Goes before a command that is to run in the namespace of a process. */
  enter(pid: number): readonly string[];
}

/** Undefined where this machine does not let us: util-linux or iproute2 missing, or neither root nor user namespaces. */
export function namespaceCommands(): NamespaceCommands | undefined {
  const isRoot = process.getuid?.() === 0;
  const create = isRoot ? ['unshare', '--net'] : ['unshare', '--map-root-user', '--net'];
  const [command, ...args] = [...create, 'ip', 'link', 'set', 'lo', 'up'];
  const { status } = spawnSync(command, args, { stdio: 'ignore', timeout: 5_000 });
  if (status !== 0) return undefined;
  return {
    create,
    enter: (pid) => [
      'nsenter',
      ...(isRoot ? [] : ['--user', '--preserve-credentials']),
      `--net`,
      `--target=${pid}`,
      '--',
    ],
  };
}

/** Runs commands of iproute2, one a line; throws with what `ip` said when one fails. `enter` as above. */
export function runIp(lines: readonly string[], enter: readonly string[] = []): void {
  const [command, ...args] = [...enter, 'ip', '-batch', '-'];
  const ran = spawnSync(command, args, { input: `${lines.join('\n')}\n`, encoding: 'utf8', timeout: 5_000 });
  if (ran.status !== 0) throw new Error(`ip refused one of ${lines.join('; ')}: ${ran.stderr}`);
}
