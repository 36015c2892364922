import { InvalidArgumentError } from '../../common/errors.js';
import { checkInteger, checkNumber, checkOptions } from '../../common/options.js';
import { LRScheduler, schedulerOptionNames, type LRSchedulerOptions } from './scheduler.js';

/** Options of {@link LinearLR}. */
export interface LinearLROptions extends LRSchedulerOptions {
  /** Factor of the first epoch, above 0 and at most 1. @defaultValue 1/3 */
  readonly startFactor?: number;
  /** Factor from epoch `totalSteps` on, from 0 to 1. @defaultValue 1 */
  readonly endFactor?: number;
}

/** `learningRate * factor`, where the factor goes linearly from `startFactor` to `endFactor` over `totalSteps` epochs. */
export class LinearLR extends LRScheduler {
  readonly #totalSteps: number;
  readonly #startFactor: number;
  readonly #endFactor: number;

  /**
   * @param learningRate - the rate at factor 1
   * @param totalSteps - epochs until the last factor
   */
  constructor(learningRate: number, totalSteps: number, options: LinearLROptions = {}) {
    checkOptions('LinearLR', options, ['startFactor', 'endFactor', ...schedulerOptionNames]);
    const { startFactor = 1 / 3, endFactor = 1, ...rest } = options;
    super(learningRate, rest);
    this.#totalSteps = checkInteger('totalSteps', totalSteps, 1);
    this.#startFactor = checkNumber('startFactor', startFactor, 0, 1);
    if (startFactor === 0) throw new InvalidArgumentError('startFactor must be above 0, got 0');
    this.#endFactor = checkNumber('endFactor', endFactor, 0, 1);
    this.start();
  }

  getLr(): number {
    if (this.lastEpoch === 0) return this.baseLr * this.#startFactor;
    if (this.lastEpoch > this.#totalSteps) return this.lastLr;
    const change = this.#endFactor - this.#startFactor;
    return this.lastLr * (1 + change / (this.#totalSteps * this.#startFactor + (this.lastEpoch - 1) * change));
  }
}
