/**
 * How the targets of the simulated world really are, whatever anybody believes of them. Changed by the scenario alone.
 */

export interface Ailment {
  /** Share of probes that fail, above 0. */
  readonly failing: number;
  /** Probes end by their timeout. */
  readonly silent: boolean;
}

export class TargetsState {
  readonly #ailments = new Map<string, Ailment>();

  /** Undefined: it is well. */
  set(target: string, ailment: Ailment | undefined): void {
    if (ailment === undefined) this.#ailments.delete(target);
    else this.#ailments.set(target, ailment);
  }

  of(target: string): Ailment | undefined {
    return this.#ailments.get(target);
  }
}
