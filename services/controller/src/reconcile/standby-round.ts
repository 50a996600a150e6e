/** A standby's look at the store, now and then, so that it answers questions about what is published. Acts on nothing. */
import { StoreError, type RecordWriter } from '@signpost/contracts/record-store';

import type { ControllerState } from './controller-state.ts';

export const STANDBY_LOOK_EVERY_MS = 5_000;

/** Never rejects for an outage: then what was read last stays. */
export async function standbyRound(state: ControllerState, writer: RecordWriter): Promise<ControllerState> {
  try {
    if ((await writer.generation()) === state.records?.generation) return state;
    return { ...state, records: await writer.readAll() };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return state;
  }
}
