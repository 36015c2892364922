import { checkInteger, checkNumber, checkOptions } from '../../common/options.js';
import { LRScheduler, schedulerOptionNames, type LRSchedulerOptions } from './scheduler.js';

/** Options of {@link CosineAnnealingWarmRestarts}. */
export interface CosineAnnealingWarmRestartsOptions extends LRSchedulerOptions {
  /** Factor from the length of a period to that of the next. @defaultValue 1 */
  readonly tMult?: number;
  /** The lowest rate. @defaultValue 0 */
  readonly etaMin?: number;
}

/**
 * `etaMin + (learningRate - etaMin) * (1 + cos(pi * position / length)) / 2`, with the position in a period and the
 * period's length; each period starts at the full rate again (Loshchilov and Hutter, "SGDR", 2017).
 */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  readonly #t0: number;
  readonly #tMult: number;
  readonly #etaMin: number;

  /**
   * @param learningRate - the rate to start from
   * @param t0 - epochs of the first period
   */
  constructor(learningRate: number, t0: number, options: CosineAnnealingWarmRestartsOptions = {}) {
    checkOptions('CosineAnnealingWarmRestarts', options, ['tMult', 'etaMin', ...schedulerOptionNames]);
    const { tMult = 1, etaMin = 0, ...rest } = options;
    super(learningRate, rest);
    this.#t0 = checkInteger('t0', t0, 1);
    this.#tMult = checkInteger('tMult', tMult, 1);
    this.#etaMin = checkNumber('etaMin', etaMin);
    this.start();
  }

  getLr(): number {
    const [position, length] = this.#period();
    return this.#etaMin + ((this.baseLr - this.#etaMin) * (1 + Math.cos((Math.PI * position) / length))) / 2;
  }

  /** Where in which period the epoch lies. */
  #period(): [position: number, length: number] {
    if (this.#tMult === 1) return [this.lastEpoch % this.#t0, this.#t0];
    let position = this.lastEpoch;
    let length = this.#t0;
    while (position >= length) {
      position -= length;
      length *= this.#tMult;
    }
    return [position, length];
  }
}
