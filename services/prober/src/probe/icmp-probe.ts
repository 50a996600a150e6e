/**
 * H3, icmp: one echo request by the host's `ping` of iputils, since raw sockets need rights that a prober should not
 * have. A host without it cannot probe so: the result says what to install, and no target goes down for it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { isIPv6 } from 'node:net';

import type { Check } from '@signpost/contracts/probe-assignment';

import type { Attempt } from './attempt.ts';
import type { ProbeResult } from './probe-result.ts';
import type { ProbeTools } from './probe-tools.ts';
import { codeOf, isOurOwnTrouble, quoted, reasonOf, shortReason } from './reason.ts';

/** Of each output; what `ping` says of one packet is far less. */
const MAX_OUTPUT = 4_096;
/** `ping` is to wait longer than we do: the attempt's own deadline ends it. */
const WAIT_SECONDS = 3_600;

export async function probeIcmp(check: Check, tools: ProbeTools, attempt: Attempt): Promise<ProbeResult> {
  const beganMs = performance.now();
  const resolving = tools.resolve(check.address, check.families);
  attempt.enter('resolving the name', resolving.isHeldUp);
  const resolved = await resolving.answer;
  if (resolved.kind !== 'address') return resolved;

  attempt.enter('waiting for the echo');
  const startedMs = performance.now();
  const ended = await runPing(tools.ping, resolved.address, attempt);
  if (ended.kind === 'not started') return notStarted(ended.error, tools.ping);
  const echoed = /\btime[=<]([\d.]+) ms/.exec(ended.output);
  if (ended.code === 0 && echoed !== null) {
    const roundTripMs = Number(echoed[1]);
    return { kind: 'pass', roundTripMs, phases: { resolve: startedMs - beganMs, answer: roundTripMs } };
  }
  return judgeSilence(ended);
}

type Ended =
  | { readonly kind: 'ended'; readonly code: number | null; readonly output: string; readonly errors: string }
  | { readonly kind: 'not started'; readonly error: unknown };

function runPing(ping: string, address: string, attempt: Attempt): Promise<Ended> {
  const family = isIPv6(address) ? '-6' : '-4';
  const child = spawn(ping, ['-n', family, '-c', '1', '-W', String(WAIT_SECONDS), address], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Its words are read, and so must be English.
    env: { LC_ALL: 'C', PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' },
  });
  attempt.own({ on: (event, listener) => child.on(event, listener), destroy: () => child.kill('SIGKILL') });
  const [output, errors] = [collect(child.stdout), collect(child.stderr)];
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ kind: 'not started', error }));
    child.once('close', (code) => resolve({ kind: 'ended', code, output: output(), errors: errors() }));
  });
}

function collect(stream: ChildProcess['stdout']): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (part: string) => {
    if (text.length < MAX_OUTPUT) text += part;
  });
  return () => text.slice(0, MAX_OUTPUT);
}

function notStarted(error: unknown, ping: string): ProbeResult {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'EACCES') {
    return { kind: 'unable', reason: `prober has no "${ping}" to run: install iputils-ping on its host` };
  }
  if (isOurOwnTrouble(error) || code === 'EAGAIN') {
    return { kind: 'inconclusive', reason: `prober is short of resources (${code})` };
  }
  return { kind: 'unable', reason: `prober cannot run "${ping}": ${reasonOf(error)}` };
}

/** Exit 1 of iputils' ping: nothing came back. Any other: it could not send. */
function judgeSilence({ code, output, errors }: Extract<Ended, { kind: 'ended' }>): ProbeResult {
  if (/unreachable/i.test(`${output}${errors}`)) {
    return { kind: 'fail', reason: /network/i.test(errors) ? 'network unreachable' : 'host unreachable' };
  }
  if (code === 1 && errors === '') return { kind: 'fail', reason: 'no echo came back' };
  if (/not permitted|permission/i.test(errors)) {
    const remedy = 'give ping cap_net_raw, or the sysctl net.ipv4.ping_group_range its group';
    return { kind: 'unable', reason: `prober's "ping" may not send: ${remedy}` };
  }
  return { kind: 'unable', reason: shortReason(`prober's "ping" failed: ${quoted(firstLine(errors))}`) };
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
