import { InvalidArgumentError } from '../../common/errors.js';
import { checkNumbers } from './checks.js';
import { LRScheduler, type LRSchedulerOptions } from './scheduler.js';

/** `values[i]` for the first i with `epoch < boundaries[i]`, and the last value after all boundaries. */
export class PiecewiseDecay extends LRScheduler {
  readonly #boundaries: readonly number[];
  readonly #values: readonly number[];

  /**
   * @param boundaries - epochs at which the rate changes, increasing; at least one
   * @param values - the rates, one more than boundaries
   */
  constructor(boundaries: readonly number[], values: readonly number[], options: LRSchedulerOptions = {}) {
    super(0.1, options);
    this.#boundaries = checkNumbers('boundaries', boundaries);
    this.#values = checkNumbers('values', values);
    if (this.#boundaries.length === 0) throw new InvalidArgumentError('boundaries must not be empty');
    if (this.#values.length <= this.#boundaries.length) {
      throw new InvalidArgumentError(
        `values must have one element more than boundaries, got ${this.#values.length} for ${this.#boundaries.length} boundaries`,
      );
    }
    this.start();
  }

  getLr(): number {
    const piece = this.#boundaries.findIndex((boundary) => this.lastEpoch < boundary);
    return (piece === -1 ? this.#values.at(-1) : this.#values[piece]) ?? NaN;
  }
}
