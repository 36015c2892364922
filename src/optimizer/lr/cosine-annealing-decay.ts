import { checkInteger, checkNumber, checkOptions } from '../../common/options.js';
import { LRScheduler, schedulerOptionNames, type LRSchedulerOptions } from './scheduler.js';

/** Options of {@link CosineAnnealingDecay}. */
export interface CosineAnnealingDecayOptions extends LRSchedulerOptions {
  /** The lowest rate. @defaultValue 0 */
  readonly etaMin?: number;
}

/**
 * `etaMin + (learningRate - etaMin) * (1 + cos(pi * epoch / tMax)) / 2` (Loshchilov and Hutter, "SGDR", 2017, without
 * restarts): down over `tMax` epochs, then up again over as many.
 *
 * Each step follows from the rate before it, as in Paddle, so that a rate changed in between stays changed.
 */
export class CosineAnnealingDecay extends LRScheduler {
  readonly #tMax: number;
  readonly #etaMin: number;

  /**
   * @param learningRate - the rate to start from
   * @param tMax - epochs of half a period
   */
  constructor(learningRate: number, tMax: number, options: CosineAnnealingDecayOptions = {}) {
    checkOptions('CosineAnnealingDecay', options, ['etaMin', ...schedulerOptionNames]);
    const { etaMin = 0, ...rest } = options;
    super(learningRate, rest);
    this.#tMax = checkInteger('tMax', tMax, 1);
    this.#etaMin = checkNumber('etaMin', etaMin);
    this.start();
  }

  getLr(): number {
    const { lastEpoch, lastLr, baseLr } = this;
    if (lastEpoch === 0) return baseLr;
    if ((lastEpoch - 1 - this.#tMax) % (2 * this.#tMax) === 0) {
      return lastLr + ((baseLr - this.#etaMin) * (1 - Math.cos(Math.PI / this.#tMax))) / 2;
    }
    return (this.#height(lastEpoch) / this.#height(lastEpoch - 1)) * (lastLr - this.#etaMin) + this.#etaMin;
  }

  protected override getLrAt(): number {
    return this.#etaMin + ((this.baseLr - this.#etaMin) * this.#height(this.lastEpoch)) / 2;
  }

  #height(epoch: number): number {
    return 1 + Math.cos((Math.PI * epoch) / this.#tMax);
  }
}
