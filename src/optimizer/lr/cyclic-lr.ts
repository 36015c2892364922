import { checkChoice, checkFunction, checkInteger, checkNumber, checkOptions } from '../../common/options.js';
import { LRScheduler, schedulerOptionNames, type LRSchedulerOptions } from './scheduler.js';

/** Options of {@link CyclicLR}. */
export interface CyclicLROptions extends LRSchedulerOptions {
  /** Steps of the fall; null for as many as of the rise. @defaultValue null */
  readonly stepSizeDown?: number | null;
  /** All cycles equally high, each half as high as the one before, or shrinking by `expGamma` per step. @defaultValue 'triangular' */
  readonly mode?: 'triangular' | 'triangular2' | 'exp_range';
  /** Factor per step of `exp_range`. @defaultValue 1 */
  readonly expGamma?: number;
  /** Height by cycle (from 1) or step, in place of that of `mode`. @defaultValue null */
  readonly scaleFn?: ((x: number) => number) | null;
  /** What `scaleFn` gets: the number of the cycle or of the step. @defaultValue 'cycle' */
  readonly scaleMode?: 'cycle' | 'iterations';
}

const optionNames = ['stepSizeDown', 'mode', 'expGamma', 'scaleFn', 'scaleMode'];

/**
 * Rises from `baseLearningRate` to `maxLearningRate` and falls back, over and over (Smith, "Cyclical learning rates for
 * training neural networks", 2017).
 */
export class CyclicLR extends LRScheduler {
  readonly #amplitude: number;
  readonly #cycleSize: number;
  readonly #shareUp: number;
  readonly #scale: (cycle: number, step: number) => number;

  /**
   * @param baseLearningRate - the lowest rate
   * @param maxLearningRate - the highest rate
   * @param stepSizeUp - steps of the rise
   */
  constructor(baseLearningRate: number, maxLearningRate: number, stepSizeUp: number, options: CyclicLROptions = {}) {
    checkOptions('CyclicLR', options, [...optionNames, ...schedulerOptionNames]);
    const { stepSizeDown, mode = 'triangular', expGamma = 1, scaleFn, scaleMode = 'cycle', ...rest } = options;
    super(baseLearningRate, rest);
    this.#amplitude = checkNumber('maxLearningRate', maxLearningRate, 0) - baseLearningRate;
    const up = checkInteger('stepSizeUp', stepSizeUp, 1);
    const down = stepSizeDown == null ? up : checkInteger('stepSizeDown', stepSizeDown, 1);
    this.#cycleSize = up + down;
    this.#shareUp = up / this.#cycleSize;
    checkChoice('scaleMode', scaleMode, ['cycle', 'iterations']);
    checkChoice('mode', mode, ['triangular', 'triangular2', 'exp_range']);
    const gamma = checkNumber('expGamma', expGamma);
    if (scaleFn != null) {
      const scale = checkFunction('scaleFn', scaleFn);
      this.#scale = (cycle, step) => scale(scaleMode === 'cycle' ? cycle : step);
    } else if (mode === 'exp_range') {
      this.#scale = (_cycle, step) => gamma ** step;
    } else {
      this.#scale = (cycle) => (mode === 'triangular' ? 1 : 1 / 2 ** (cycle - 1));
    }
    this.start();
  }

  getLr(): number {
    const step = this.lastEpoch;
    const cycle = 1 + Math.floor(step / this.#cycleSize);
    const share = 1 + step / this.#cycleSize - cycle;
    const height = share <= this.#shareUp ? share / this.#shareUp : (1 - share) / (1 - this.#shareUp);
    return this.baseLr + this.#amplitude * height * this.#scale(cycle, step);
  }
}
