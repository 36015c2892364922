/**
 * Limits on the number of batches.
 *
 * @module
 */

/** Counts batches down, over all passes of a run. */
export class IterationBudget {
  #left: number | null;
  #isSpent = false;

  /** @param limit - number of batches, or null for no limit */
  constructor(limit: number | null) {
    this.#left = limit;
  }

  /** Batches left, or null without a limit. */
  get left(): number | null {
    return this.#left;
  }

  /** True once the last batch was counted. */
  get isSpent(): boolean {
    return this.#isSpent;
  }

  /** Goes on from the state of another budget. */
  restore({ left, isSpent }: { readonly left: number | null; readonly isSpent: boolean }): void {
    this.#left = left;
    this.#isSpent = isSpent;
  }

  /**
   * Counts a batch.
   *
   * @returns true at the last one. There is no limit afterwards, so that the evaluation that follows is a whole one.
   */
  spend(): boolean {
    if (this.#left === null || --this.#left > 0) return false;
    this.#left = null;
    this.#isSpent = true;
    return true;
  }
}
