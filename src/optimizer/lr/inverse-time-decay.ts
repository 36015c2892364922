import { checkNumber } from '../../common/options.js';
import { LRScheduler, type LRSchedulerOptions } from './scheduler.js';

/** `learningRate / (1 + gamma * epoch)`. */
export class InverseTimeDecay extends LRScheduler {
  readonly #gamma: number;

  /**
   * @param learningRate - the rate to start from
   * @param gamma - speed of the decay
   */
  constructor(learningRate: number, gamma: number, options: LRSchedulerOptions = {}) {
    super(learningRate, options);
    this.#gamma = checkNumber('gamma', gamma);
    this.start();
  }

  getLr(): number {
    return this.baseLr / (1 + this.#gamma * this.lastEpoch);
  }
}
