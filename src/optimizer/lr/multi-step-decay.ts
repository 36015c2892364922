import { InvalidArgumentError } from '../../common/errors.js';
import { checkOptions, describeValue } from '../../common/options.js';
import { checkBelowOne, checkNumbers } from './checks.js';
import { LRScheduler, schedulerOptionNames, type LRSchedulerOptions } from './scheduler.js';

/** Options of {@link MultiStepDecay}. */
export interface MultiStepDecayOptions extends LRSchedulerOptions {
  /** Factor at each milestone, below 1. @defaultValue 0.1 */
  readonly gamma?: number;
}

/** `learningRate * gamma ^ n`, with n the number of milestones that the epoch has reached. */
export class MultiStepDecay extends LRScheduler {
  readonly #milestones: readonly number[];
  readonly #gamma: number;

  /**
   * @param learningRate - the rate to start from
   * @param milestones - epochs at which the rate changes, increasing
   */
  constructor(learningRate: number, milestones: readonly number[], options: MultiStepDecayOptions = {}) {
    checkOptions('MultiStepDecay', options, ['gamma', ...schedulerOptionNames]);
    const { gamma = 0.1, ...rest } = options;
    super(learningRate, rest);
    this.#milestones = checkNumbers('milestones', milestones);
    if (this.#milestones.some((milestone, index) => milestone <= (this.#milestones[index - 1] ?? -Infinity))) {
      throw new InvalidArgumentError(`milestones must increase, got ${describeValue(milestones)}`);
    }
    this.#gamma = checkBelowOne('gamma', gamma);
    this.start();
  }

  getLr(): number {
    const reached = this.#milestones.filter((milestone) => this.lastEpoch >= milestone).length;
    return this.baseLr * this.#gamma ** reached;
  }
}
