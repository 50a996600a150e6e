/** What the detection bench is told: which failures, how many targets, at which intervals. */
import { parseArgs } from 'node:util';

import { durationSchema } from '@signpost/contracts/duration';

import { FAILURE_KINDS, type FailureKind } from './detection-kinds.ts';

export interface DetectionOptions {
  readonly kinds: readonly FailureKind[];
  readonly intervalsMs: readonly number[];
  readonly targets: number;
  readonly seed: number;
  /** Where the whole result goes as JSON. */
  readonly json: string | undefined;
}

const USAGE =
  'npm run bench:detection -- [--kinds refused,reset,...] [--interval 1s,10s] [--targets 50] [--seed 1] [--json FILE]';

/** Throws an Error that says what is wrong and what may be written. */
export function readDetectionOptions(args: readonly string[]): DetectionOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kinds: { type: 'string', default: FAILURE_KINDS.map(({ name }) => name).join(',') },
      interval: { type: 'string', default: '1s,10s' },
      targets: { type: 'string', default: '50' },
      seed: { type: 'string', default: '1' },
      json: { type: 'string' },
    },
  });
  return {
    kinds: values.kinds.split(',').map(kindOf),
    intervalsMs: values.interval.split(',').map(intervalOf),
    targets: wholeNumber('--targets', values.targets, 1_000),
    seed: wholeNumber('--seed', values.seed, 2 ** 32 - 1),
    json: values.json,
  };
}

function kindOf(name: string): FailureKind {
  const kind = FAILURE_KINDS.find((kind) => kind.name === name);
  if (kind !== undefined) return kind;
  const names = FAILURE_KINDS.map(({ name }) => name).join(', ');
  throw new Error(`no failure is called ${JSON.stringify(name)}; there are ${names}\n${USAGE}`);
}

function intervalOf(text: string): number {
  const parsed = durationSchema.safeParse(text);
  if (parsed.success && parsed.data >= 500) return parsed.data;
  throw new Error(
    `--interval is ${JSON.stringify(text)}; it takes durations from 500ms on, such as 1s,10s\n${USAGE}`,
  );
}

function wholeNumber(flag: string, text: string, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new Error(`${flag} is ${JSON.stringify(text)}; it takes a whole number from 1 to ${most}\n${USAGE}`);
}
