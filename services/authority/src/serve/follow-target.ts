/**
 * Goes on from the alias just written to the name it points at. Writes nothing; allocates nothing, never throws.
 */
import { type NameView, sameName } from '../replica/zone.ts';
import type { QueryContext } from './query-context.ts';

/** False when the chain has been there before: a loop, whose records must not be sent twice. */
export function followTarget(context: QueryContext, target: NameView): boolean {
  const { visited, visitedCount } = context;
  for (let i = 0; i < visitedCount; i += 1) if (sameName(visited[i]!, target)) return false;
  context.name = target;
  visited[visitedCount] = target;
  context.visitedCount += 1;
  return true;
}

/** What the chosen CNAME points at. */
export function aliasTarget({ choice }: QueryContext): NameView {
  return choice.records[choice.order === undefined ? 0 : choice.order[0]!]!.target!;
}
