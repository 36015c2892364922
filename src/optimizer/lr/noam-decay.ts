import { checkInteger, checkOptions } from '../../common/options.js';
import { checkPositive } from './checks.js';
import { LRScheduler, schedulerOptionNames, type LRSchedulerOptions } from './scheduler.js';

/** Options of {@link NoamDecay}. */
export interface NoamDecayOptions extends LRSchedulerOptions {
  /** Factor on every rate. @defaultValue 1 */
  readonly learningRate?: number;
}

/**
 * `learningRate * dModel ^ -0.5 * min(epoch ^ -0.5, epoch * warmupSteps ^ -1.5)` (Vaswani et al., "Attention is all you
 * need", 2017): a linear rise, then a decay with the root of the epoch.
 */
export class NoamDecay extends LRScheduler {
  readonly #dModel: number;
  readonly #warmupSteps: number;

  /**
   * @param dModel - width of the model, above 0
   * @param warmupSteps - length of the rise
   */
  constructor(dModel: number, warmupSteps: number, options: NoamDecayOptions = {}) {
    checkOptions('NoamDecay', options, ['learningRate', ...schedulerOptionNames]);
    const { learningRate = 1, ...rest } = options;
    super(learningRate, rest);
    this.#dModel = checkPositive('dModel', dModel);
    this.#warmupSteps = checkInteger('warmupSteps', warmupSteps, 1);
    this.start();
  }

  getLr(): number {
    const falling = this.lastEpoch === 0 ? 1 : this.lastEpoch ** -0.5;
    const rising = this.#warmupSteps ** -1.5 * this.lastEpoch;
    return this.baseLr * this.#dModel ** -0.5 * Math.min(falling, rising);
  }
}
