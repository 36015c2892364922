import { checkBelowOne, checkPositive } from './checks.js';
import { LRScheduler, type LRSchedulerOptions } from './scheduler.js';

/** `learningRate * gamma ^ epoch`. */
export class ExponentialDecay extends LRScheduler {
  readonly #gamma: number;

  /**
   * @param learningRate - the rate to start from
   * @param gamma - factor of each epoch, above 0 and below 1
   */
  constructor(learningRate: number, gamma: number, options: LRSchedulerOptions = {}) {
    super(learningRate, options);
    this.#gamma = checkBelowOne('gamma', checkPositive('gamma', gamma));
    this.start();
  }

  getLr(): number {
    return this.baseLr * this.#gamma ** this.lastEpoch;
  }
}
