import { InvalidArgumentError } from '../../common/errors.js';
import { checkInteger, checkNumber, describeValue } from '../../common/options.js';
import { LRScheduler, type LRSchedulerOptions, type LRSchedulerState } from './scheduler.js';

const nestedKey = 'LinearWarmup_LR';

/**
 * Rises linearly from `startLr` to `endLr` over `warmupSteps` epochs, then goes on with a fixed rate or another schedule,
 * which starts at its epoch 0.
 */
export class LinearWarmup extends LRScheduler {
  readonly #after: number | LRScheduler;
  readonly #warmupSteps: number;
  readonly #endLr: number;

  /**
   * @param learningRate - the rate or the schedule that follows
   * @param warmupSteps - length of the rise
   * @param startLr - rate at the beginning
   * @param endLr - rate that is risen to, above `startLr`
   */
  constructor(
    learningRate: number | LRScheduler,
    warmupSteps: number,
    startLr: number,
    endLr: number,
    options: LRSchedulerOptions = {},
  ) {
    super(checkNumber('startLr', startLr, 0), options);
    if (!(learningRate instanceof LRScheduler) && typeof learningRate !== 'number') {
      throw new InvalidArgumentError(
        `learningRate must be a number or an LRScheduler, got ${describeValue(learningRate)}`,
      );
    }
    this.#after = learningRate instanceof LRScheduler ? learningRate : checkNumber('learningRate', learningRate, 0);
    this.#warmupSteps = checkInteger('warmupSteps', warmupSteps, 1);
    this.#endLr = checkNumber('endLr', endLr);
    if (endLr <= startLr) throw new InvalidArgumentError(`endLr must be above startLr (${startLr}), got ${endLr}`);
    this.start();
  }

  getLr(): number {
    const { lastEpoch, baseLr } = this;
    if (lastEpoch < this.#warmupSteps) {
      return ((this.#endLr - baseLr) * lastEpoch) / this.#warmupSteps + baseLr;
    }
    if (typeof this.#after === 'number') return this.#after;
    this.#after.step(lastEpoch - this.#warmupSteps);
    return this.#after.lastLr;
  }

  /** The state to save; that of a schedule that follows is under `LinearWarmup_LR`. */
  override stateDict(): LRSchedulerState {
    const state = super.stateDict();
    return this.#after instanceof LRScheduler ? { ...state, [nestedKey]: this.#after.stateDict() } : state;
  }

  override setStateDict(state: LRSchedulerState): void {
    if (!(this.#after instanceof LRScheduler)) {
      super.setStateDict(state);
      return;
    }
    const { [nestedKey]: nested, ...own } = state;
    if (nested === null || typeof nested !== 'object') {
      throw new InvalidArgumentError(`state of LinearWarmup must hold ${nestedKey}, got ${describeValue(state)}`);
    }
    super.setStateDict(own);
    this.#after.setStateDict(nested as LRSchedulerState);
  }
}
