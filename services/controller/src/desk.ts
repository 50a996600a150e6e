/**
 * What the parts of a running controller share: the state, the lease, and where inputs wait. Holds and tells, and
 * must not decide.
 */
import type { Messaging } from '@signpost/contracts/messaging';
import type { Clock } from '@signpost/lifecycle/clock';

import type { Lease } from './lead/lease.ts';
import type { ControllerObserver, Observable } from './observe-controller.ts';
import { INITIAL_STATE, type ControllerState } from './reconcile/controller-state.ts';
import { Inbox } from './reconcile/inbox.ts';
import type { Input } from './reconcile/take-inputs.ts';

export interface DeskOptions {
  readonly messaging: Messaging;
  readonly clock: Clock;
  /** Whether the record store is reached now; absent: as the last attempt found it. */
  readonly storeConnected?: () => boolean;
  /** Called whenever readiness changes: ready once health is known, or while there is no configuration yet. */
  readonly onReady?: (ready: boolean) => void;
}

export class Desk implements Observable {
  readonly inbox = new Inbox<Input>();
  lease: Lease | undefined;
  #state = INITIAL_STATE;
  #storeProblem: string | undefined;
  readonly #options: DeskOptions;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  state(): ControllerState {
    return this.#state;
  }

  setState(next: ControllerState): void {
    const wasReady = isReady(this.#state);
    this.#state = next;
    if (isReady(next) !== wasReady) this.#options.onReady?.(!wasReady);
  }

  leading(): boolean {
    return this.lease?.holds() ?? false;
  }

  messagingConnected(): boolean {
    return this.#options.messaging.connected();
  }

  storeConnected(): boolean {
    return this.#options.storeConnected?.() ?? this.#storeProblem === undefined;
  }

  storeProblem(): string | undefined {
    return this.#storeProblem;
  }

  monotonicMs(): number {
    return this.#options.clock.monotonic();
  }

  onLease(observer: ControllerObserver) {
    return (next: Lease | undefined, reason: string): void => {
      this.lease = next;
      this.#storeProblem = undefined; // only a leader knows
      if (next === undefined) observer.leadEnded(reason);
      else observer.leads(next.token);
      this.inbox.wake();
    };
  }

  /** The observer, of whom we also learn whether the store takes what is written. */
  noting(observer: ControllerObserver): ControllerObserver {
    return {
      ...observer,
      storeFailed: (error) => {
        this.#storeProblem = error.message;
        observer.storeFailed(error);
      },
      storeRecovered: () => {
        this.#storeProblem = undefined;
        observer.storeRecovered();
      },
    };
  }
}

/** Without a configuration there is nothing to wait for but the first `apply`. */
function isReady({ caughtUp, converged, configuration }: ControllerState): boolean {
  return caughtUp && (converged || configuration === undefined);
}
