import { checkBoolean, checkInteger, checkNumber, checkOptions } from '../../common/options.js';
import { checkPositive } from './checks.js';
import { LRScheduler, schedulerOptionNames, type LRSchedulerOptions } from './scheduler.js';

/** Options of {@link PolynomialDecay}. */
export interface PolynomialDecayOptions extends LRSchedulerOptions {
  /** The rate at the end. @defaultValue 0.0001 */
  readonly endLr?: number;
  /** Exponent, above 0. @defaultValue 1 */
  readonly power?: number;
  /** Begin again, more slowly, when the end is reached, instead of staying there. @defaultValue false */
  readonly cycle?: boolean;
}

/**
 * `(learningRate - endLr) * (1 - epoch / steps) ^ power + endLr`, where the epoch counts up to `steps = decaySteps`, or
 * with `cycle` steps is the next multiple of `decaySteps`.
 */
export class PolynomialDecay extends LRScheduler {
  readonly #decaySteps: number;
  readonly #endLr: number;
  readonly #power: number;
  readonly #cycle: boolean;

  /**
   * @param learningRate - the rate to start from
   * @param decaySteps - length of the decay
   */
  constructor(learningRate: number, decaySteps: number, options: PolynomialDecayOptions = {}) {
    checkOptions('PolynomialDecay', options, ['endLr', 'power', 'cycle', ...schedulerOptionNames]);
    const { endLr = 0.0001, power = 1, cycle = false, ...rest } = options;
    super(learningRate, rest);
    this.#decaySteps = checkInteger('decaySteps', decaySteps, 1);
    this.#endLr = checkNumber('endLr', endLr);
    this.#power = checkPositive('power', power);
    this.#cycle = checkBoolean('cycle', cycle);
    this.start();
  }

  getLr(): number {
    const cycles = this.#cycle ? Math.max(1, Math.ceil(this.lastEpoch / this.#decaySteps)) : 1;
    const steps = this.#decaySteps * cycles;
    const rest = 1 - Math.min(this.lastEpoch, steps) / steps;
    return (this.baseLr - this.#endLr) * rest ** this.#power + this.#endLr;
  }
}
