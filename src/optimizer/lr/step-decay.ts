import { checkInteger, checkOptions } from '../../common/options.js';
import { checkBelowOne } from './checks.js';
import { LRScheduler, schedulerOptionNames, type LRSchedulerOptions } from './scheduler.js';

/** Options of {@link StepDecay}. */
export interface StepDecayOptions extends LRSchedulerOptions {
  /** Factor at each interval, below 1. @defaultValue 0.1 */
  readonly gamma?: number;
}

/** `learningRate * gamma ^ floor(epoch / stepSize)`. */
export class StepDecay extends LRScheduler {
  readonly #stepSize: number;
  readonly #gamma: number;

  /**
   * @param learningRate - the rate to start from
   * @param stepSize - length of an interval in epochs
   */
  constructor(learningRate: number, stepSize: number, options: StepDecayOptions = {}) {
    checkOptions('StepDecay', options, ['gamma', ...schedulerOptionNames]);
    const { gamma = 0.1, ...rest } = options;
    super(learningRate, rest);
    this.#stepSize = checkInteger('stepSize', stepSize, 1);
    this.#gamma = checkBelowOne('gamma', gamma);
    this.start();
  }

  getLr(): number {
    return this.baseLr * this.#gamma ** Math.floor(this.lastEpoch / this.#stepSize);
  }
}
