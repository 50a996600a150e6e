/**
 * How many beacons are taken: in total, of one client prefix, and of how many prefixes, in fixed windows, so that what
 * is remembered of strangers is bounded and forgotten. Time is an argument (monotonic). It must not read requests.
 */

export interface BeaconLimits {
  readonly perSecond: number;
  /** Of one /24 or /48: a network of many people behind one address sends some. */
  readonly perPrefixAndMinute: number;
  /** Different prefixes remembered in a minute; while there are more, new ones are refused. */
  readonly prefixesPerMinute: number;
}

export const BEACON_LIMITS: BeaconLimits = {
  perSecond: 500,
  perPrefixAndMinute: 30,
  prefixesPerMinute: 20_000,
};

const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;

export class BeaconLimiter {
  readonly #limits: BeaconLimits;
  #second = { startMs: Number.NEGATIVE_INFINITY, count: 0 };
  #minute = { startMs: Number.NEGATIVE_INFINITY, counts: new Map<string, number>() };

  constructor(limits: BeaconLimits = BEACON_LIMITS) {
    this.#limits = limits;
  }

  /** Counts every request, also one that is refused afterwards. */
  mayAsk(nowMs: number): boolean {
    if (nowMs - this.#second.startMs >= SECOND_MS) this.#second = { startMs: nowMs, count: 0 };
    this.#second.count += 1;
    return this.#second.count <= this.#limits.perSecond;
  }

  maySend(prefix: string, nowMs: number): boolean {
    if (nowMs - this.#minute.startMs >= MINUTE_MS) this.#minute = { startMs: nowMs, counts: new Map() };
    const { counts } = this.#minute;
    const count = counts.get(prefix) ?? 0;
    if (count === 0 && counts.size >= this.#limits.prefixesPerMinute) return false;
    if (count >= this.#limits.perPrefixAndMinute) return false;
    counts.set(prefix, count + 1);
    return true;
  }
}
