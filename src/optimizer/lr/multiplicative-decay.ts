import { checkFunction } from '../../common/options.js';
import { LRScheduler, type LRSchedulerOptions } from './scheduler.js';

/** `learningRate * lrLambda(1) * ... * lrLambda(epoch)`. */
export class MultiplicativeDecay extends LRScheduler {
  readonly #lrLambda: (epoch: number) => number;

  /**
   * @param learningRate - the rate to start from
   * @param lrLambda - the factor from the epoch before to this one
   */
  constructor(learningRate: number, lrLambda: (epoch: number) => number, options: LRSchedulerOptions = {}) {
    super(learningRate, options);
    this.#lrLambda = checkFunction('lrLambda', lrLambda);
    this.start();
  }

  getLr(): number {
    let rate = this.baseLr;
    for (let epoch = 1; epoch <= this.lastEpoch; epoch++) rate *= this.#lrLambda(epoch);
    return rate;
  }
}
