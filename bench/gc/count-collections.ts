/** Reads what `--trace-gc --trace-gc-nvp` prints: one line of `name=value` for each collection of each thread. Pure. */

export interface Collections {
  minor: number;
  major: number;
  /** Allocated between the first collection and the last one, and how long that was. */
  octets: number;
  overMs: number;
  /** Of the process, when the first was. */
  readonly firstMs: number;
  longestMs: number;
}

/** `[4382:0x7fa39c001000:1]    51 ms: pause=1.0 ... gc=s ... allocated=3721976`; the third number is the thread's. */
const LINE = /^\[\d+:0x[\da-f]+(?::(\d+))?\]\s+(\d+) ms: .*\bpause=([\d.]+) .*\bgc=(\w+) .*\ballocated=(\d+)/;
/** Scavenger, and minor mark-sweep. */
const MINOR = /^(s|mms)$/;

/** By thread: `main`, `worker 1`. */
export function countCollections(lines: Iterable<string>): Map<string, Collections> {
  const threads = new Map<string, Collections>();
  for (const line of lines) {
    const match = LINE.exec(line);
    if (match === null) continue;
    const [, thread = '0', at, pause, kind, allocated] = match;
    const name = thread === '0' ? 'main' : `worker ${thread}`;
    const counted = threads.get(name);
    if (counted === undefined) {
      // What it names was allocated since a collection before these lines.
      threads.set(name, {
        ...COUNTED_NOTHING,
        ...countOf(kind!),
        firstMs: Number(at),
        longestMs: Number(pause),
      });
      continue;
    }
    const { minor, major } = countOf(kind!);
    counted.minor += minor;
    counted.major += major;
    counted.octets += Number(allocated);
    counted.overMs = Number(at) - counted.firstMs;
    counted.longestMs = Math.max(counted.longestMs, Number(pause));
  }
  return threads;
}

const COUNTED_NOTHING = { octets: 0, overMs: 0 };

function countOf(kind: string): { minor: number; major: number } {
  return MINOR.test(kind) ? { minor: 1, major: 0 } : { minor: 0, major: 1 };
}
