import { checkPositive } from './checks.js';
import { LRScheduler, type LRSchedulerOptions } from './scheduler.js';

/** `learningRate * exp(-gamma * epoch)`. */
export class NaturalExpDecay extends LRScheduler {
  readonly #gamma: number;

  /**
   * @param learningRate - the rate to start from
   * @param gamma - speed of the decay, above 0
   */
  constructor(learningRate: number, gamma: number, options: LRSchedulerOptions = {}) {
    super(learningRate, options);
    this.#gamma = checkPositive('gamma', gamma);
    this.start();
  }

  getLr(): number {
    return this.baseLr * Math.exp(-this.#gamma * this.lastEpoch);
  }
}
