/** What the bench of peers is told: which servers, how long, and what to do with the stored baseline. */
import { parseArgs } from 'node:util';

export const SERVERS = ['ours', 'ours-2', 'ours-dgram', 'gdnsd', 'knot', 'powerdns', 'nsd', 'echo'] as const;
/** `ours-2`: with two workers. `ours-dgram`: over Node's own sockets. */
export type ServerName = (typeof SERVERS)[number];

export interface PeersOptions {
  readonly rounds: number;
  /** Of each measurement. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly only: ReadonlySet<ServerName>;
  /** Compare with the stored baseline. */
  readonly check: boolean;
  /** Store what was measured as the baseline. */
  readonly save: boolean;
  /** A ratio may be this part above its baseline. */
  readonly tolerance: number;
}

const USAGE =
  'npm run bench:peers -- [--rounds 7] [--seconds 2] [--warm-up 3] [--only ours,gdnsd] [--check [--tolerance 0.15]] [--save]';

/** Throws an Error that says what is wrong and what may be written. */
export function readPeersOptions(args: readonly string[]): PeersOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '7' },
      seconds: { type: 'string', default: '2' },
      'warm-up': { type: 'string', default: '3' },
      only: { type: 'string', default: SERVERS.join(',') },
      check: { type: 'boolean', default: false },
      save: { type: 'boolean', default: false },
      tolerance: { type: 'string', default: '0.15' },
    },
  });
  return {
    rounds: numberOf('--rounds', values.rounds, { least: 1, most: 100 }),
    seconds: numberOf('--seconds', values.seconds, { least: 0.2, most: 120 }),
    warmUpSeconds: numberOf('--warm-up', values['warm-up'], { least: 0, most: 120 }),
    only: new Set(values.only.split(',').map(serverOf)),
    check: values.check,
    save: values.save,
    tolerance: numberOf('--tolerance', values.tolerance, { least: 0, most: 10 }),
  };
}

function serverOf(text: string): ServerName {
  const server = SERVERS.find((name) => name === text);
  if (server !== undefined) return server;
  throw new Error(
    `--only: no server is called ${JSON.stringify(text)}; there are ${SERVERS.join(', ')}\n${USAGE}`,
  );
}

function numberOf(flag: string, text: string, { least, most }: { least: number; most: number }): number {
  const value = Number(text);
  if (text !== '' && value >= least && value <= most) return value;
  throw new Error(`${flag} is ${JSON.stringify(text)}; it takes a number from ${least} to ${most}\n${USAGE}`);
}
