import { checkFunction } from '../../common/options.js';
import { LRScheduler, type LRSchedulerOptions } from './scheduler.js';

/** `learningRate * lrLambda(epoch)`. */
export class LambdaDecay extends LRScheduler {
  readonly #lrLambda: (epoch: number) => number;

  /**
   * @param learningRate - the rate to start from
   * @param lrLambda - the factor of an epoch
   */
  constructor(learningRate: number, lrLambda: (epoch: number) => number, options: LRSchedulerOptions = {}) {
    super(learningRate, options);
    this.#lrLambda = checkFunction('lrLambda', lrLambda);
    this.start();
  }

  getLr(): number {
    return this.baseLr * this.#lrLambda(this.lastEpoch);
  }
}
