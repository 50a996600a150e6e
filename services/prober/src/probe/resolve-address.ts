/**
 * A check's address, or the address its host name has now. Names go through the system's resolver (hosts file,
 * search domains), as everything else on the host does. It must not remember answers: that is the resolver's work.
 */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

import type { Family } from '@signpost/contracts/health';

import type { ProbeFail, ProbeInconclusive } from './probe-result.ts';
import { codeOf, isOurOwnTrouble } from './reason.ts';

export type Resolved =
  | { readonly kind: 'address'; readonly address: string }
  | Pick<ProbeFail, 'kind' | 'reason'>
  | ProbeInconclusive;

type LookUp = (name: string, options: { family: 0 | 4 | 6 }) => Promise<{ address: string }>;

export interface Resolving {
  readonly answer: Promise<Resolved>;
  /** Whether it is not asked yet, because other names that have no answer occupy all threads. */
  readonly isHeldUp: () => boolean;
}

export type ResolveAddress = (address: string, families: readonly Family[]) => Resolving;

/** Of the four threads that libuv has, it gives look-ups no more; the others wait in their order. */
const AT_ONCE = 2;

/**
 * The system's resolver occupies a thread of a small pool per question, so each name is asked once at a time,
 * however many checks wait for it: a name server that does not answer must not take all threads for one name. Two
 * such names do, and what then waits behind them has no fault in it.
 */
export function systemResolver(lookUp: LookUp = lookup): ResolveAddress {
  /** In the order in which they were asked. */
  const asked = new Map<string, Promise<Resolved>>();
  const isHeldUp = (key: string): boolean => {
    let before = 0;
    for (const other of asked.keys()) {
      if (other === key) return before >= AT_ONCE;
      before += 1;
    }
    return false;
  };
  return (address, families) => {
    if (isIP(address) !== 0) {
      return { answer: Promise.resolve({ kind: 'address', address }), isHeldUp: () => false };
    }
    const family = familyNumber(families);
    const key = `${family} ${address}`;
    let answer = asked.get(key);
    if (answer === undefined) {
      answer = ask(lookUp, address, family).finally(() => asked.delete(key));
      asked.set(key, answer);
    }
    return { answer, isHeldUp: () => isHeldUp(key) };
  };
}

/** A check that speaks for both families is one place: any address of the name will do. */
function familyNumber(families: readonly Family[]): 0 | 4 | 6 {
  if (families.includes('ipv4') && families.includes('ipv6')) return 0;
  return families.includes('ipv6') ? 6 : 4;
}

async function ask(lookUp: LookUp, name: string, family: 0 | 4 | 6): Promise<Resolved> {
  try {
    const { address } = await lookUp(name, { family });
    return { kind: 'address', address };
  } catch (error) {
    return isOurOwnTrouble(error)
      ? { kind: 'inconclusive', reason: `prober is short of resources (${codeOf(error)})` }
      : { kind: 'fail', reason: describe(name, family, error) };
  }
}

function describe(name: string, family: 0 | 4 | 6, error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  const what = family === 0 ? 'address' : `IPv${family} address`;
  return code === 'ENOTFOUND' || code === 'ENODATA'
    ? `name ${name} has no ${what}`
    : `name ${name} could not be resolved (${code ?? String(error)})`;
}
