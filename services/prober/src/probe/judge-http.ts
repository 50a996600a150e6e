/** Whether the head of an HTTP answer is as the monitor wants it, and if not, why. Pure. */
import type { HttpProbe } from '@signpost/contracts/probe-assignment';

import { anyOf, quoted, shortReason } from './reason.ts';

/** Undefined when it is as wanted. */
export function judgeHead(
  { status, header }: HttpProbe['expect'],
  got: number,
  headerOf: (name: string) => string | undefined,
): string | undefined {
  if (!isWanted(status, got)) return shortReason(`status ${got}, wanted ${anyOf(status.map(setText))}`);
  for (const name in header) {
    const wanted = header[name]!;
    const text = headerOf(name.toLowerCase());
    if (text === undefined) return shortReason(`header ${name} is missing, wanted ${quoted(wanted)}`);
    if (text !== wanted) return shortReason(`header ${name} is ${quoted(text)}, wanted ${quoted(wanted)}`);
  }
  return undefined;
}

type StatusSet = HttpProbe['expect']['status'][number];

export function isWanted(sets: readonly StatusSet[], status: number): boolean {
  return sets.some((set) =>
    typeof set === 'number' ? set === status : set[0] <= status && status <= set[1],
  );
}

function setText(set: StatusSet): string {
  if (typeof set === 'number') return String(set);
  const [from, to] = set;
  return from % 100 === 0 && to === from + 99 ? `${from / 100}xx` : `${from}-${to}`;
}
