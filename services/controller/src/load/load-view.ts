/** What policies ask of load, and in words what of it changed. Pure. */
import type { LoadView } from '@signpost/policy/load-view';
import { percent } from '@signpost/policy/pool-standing';

import { sameRoom } from './evolve-load.ts';
import type { LoadSteering, Room } from './pool-load.ts';

export function loadView(steering: LoadSteering): LoadView {
  return {
    keepOf: (pool) => steering.get(pool)?.keep ?? 1,
    roomBeside: (pool) => steering.get(pool)?.room,
  };
}

/** A line for each pool whose clients go elsewhere than before, or would if it were down. */
export function whyLoad(before: LoadSteering, after: LoadSteering): string[] {
  const pools = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  return pools.flatMap((pool) => {
    const was = before.get(pool) ?? UNSTEERED;
    const now = after.get(pool) ?? UNSTEERED;
    if (was.keep !== now.keep) {
      const rest = now.keep === 1 ? '' : `, the others go to ${describeRoom(now.room)}`;
      return [`load: pool ${pool} keeps ${percent(now.keep)} of its clients${rest}`];
    }
    if (sameRoom(was.room, now.room)) return [];
    return [`load: room beside pool ${pool}: ${describeRoom(now.room)}`];
  });
}

/** `us 70 %, ap 30 %`. */
export function describeRoom(room: Room | undefined): string {
  if (room === undefined) return 'the next stage';
  return [...room].map(([pool, share]) => `${pool} ${percent(share / 1_000)}`).join(', ');
}

const UNSTEERED = { keep: 1, room: undefined };
