/**
 * Goes on from the CNAME just written to the name it points at. Writes nothing; allocates nothing, never throws.
 */
import { sameName } from '../replica/zone.ts';
import type { QueryContext } from './query-context.ts';

/** False when the chain has been there before: a loop, whose records must not be sent twice. */
export function followTarget(context: QueryContext): boolean {
  const { choice, visited, visitedCount } = context;
  const { target } = choice.records[choice.order === undefined ? 0 : choice.order[0]!]!;
  if (target === undefined) return false;
  for (let i = 0; i < visitedCount; i += 1) if (sameName(visited[i]!, target)) return false;
  context.name = target;
  visited[visitedCount] = target;
  context.visitedCount += 1;
  return true;
}
