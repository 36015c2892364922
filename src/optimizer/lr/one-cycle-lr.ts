import { InvalidArgumentError, OutOfRangeError } from '../../common/errors.js';
import { checkBoolean, checkChoice, checkInteger, checkNumber, checkOptions } from '../../common/options.js';
import { checkPositive } from './checks.js';
import { LRScheduler, schedulerOptionNames, type LRSchedulerOptions } from './scheduler.js';

/** Options of {@link OneCycleLR}. */
export interface OneCycleLROptions extends LRSchedulerOptions {
  /** The rate starts at the highest one divided by this. @defaultValue 25 */
  readonly divideFactor?: number;
  /** The rate at the end. @defaultValue 0.0001 */
  readonly endLearningRate?: number;
  /** Share of the steps in which the rate rises; below 0.5 with three phases. @defaultValue 0.3 */
  readonly phasePct?: number;
  /** Along half a cosine, or straight. @defaultValue 'cos' */
  readonly annealStrategy?: 'cos' | 'linear';
  /** Fall back to the first rate as fast as it rose, then to the last one. @defaultValue false */
  readonly threePhase?: boolean;
}

/** From a step on, and from one rate to another. */
interface Phase {
  readonly startStep: number;
  readonly endStep: number;
  readonly startLr: number;
  readonly endLr: number;
}

const optionNames = ['divideFactor', 'endLearningRate', 'phasePct', 'annealStrategy', 'threePhase'];

/**
 * One rise and one fall (Smith and Topin, "Super-convergence", 2018): from `maxLearningRate / divideFactor` up to
 * `maxLearningRate`, then down to `endLearningRate` at the last step. Meant to be stepped after each batch.
 */
export class OneCycleLR extends LRScheduler {
  readonly #totalSteps: number;
  readonly #phases: readonly Phase[];
  readonly #strategy: 'cos' | 'linear';

  /**
   * @param maxLearningRate - the highest rate
   * @param totalSteps - number of steps of the training
   */
  constructor(maxLearningRate: number, totalSteps: number, options: OneCycleLROptions = {}) {
    checkOptions('OneCycleLR', options, [...optionNames, ...schedulerOptionNames]);
    const {
      divideFactor = 25,
      endLearningRate = 0.0001,
      phasePct = 0.3,
      annealStrategy = 'cos',
      threePhase = false,
      ...rest
    } = options;
    const max = checkNumber('maxLearningRate', maxLearningRate, 0);
    const first = max / checkPositive('divideFactor', divideFactor);
    super(first, rest);
    this.#totalSteps = checkInteger('totalSteps', totalSteps, 1);
    this.#strategy = checkChoice('annealStrategy', annealStrategy, ['cos', 'linear']);
    const last = checkNumber('endLearningRate', endLearningRate, 0);
    const share = checkNumber('phasePct', phasePct, 0, 1);
    if (checkBoolean('threePhase', threePhase) && share >= 0.5) {
      throw new InvalidArgumentError(`phasePct must be below 0.5 with threePhase, got ${share}`);
    }
    const top = share * totalSteps - 1;
    const ends = threePhase ? [top, 2 * share * totalSteps - 2, totalSteps - 1] : [top, totalSteps - 1];
    const rates = threePhase ? [first, max, first, last] : [first, max, last];
    this.#phases = ends.map((endStep, index) => ({
      startStep: ends[index - 1] ?? 0,
      endStep,
      startLr: rates[index] ?? NaN,
      endLr: rates[index + 1] ?? NaN,
    }));
    this.start();
  }

  /** @throws `OutOfRangeError` past the last step */
  getLr(): number {
    if (this.lastEpoch > this.#totalSteps) {
      throw new OutOfRangeError(`OneCycleLR has ${this.#totalSteps} steps, but was stepped ${this.lastEpoch} times`);
    }
    const phase = this.#phases.find(({ endStep }) => this.lastEpoch <= endStep) ?? this.#phases.at(-1);
    if (phase === undefined) return NaN;
    const { startStep, endStep, startLr, endLr } = phase;
    const share = (this.lastEpoch - startStep) / (endStep - startStep);
    if (this.#strategy === 'linear') return (endLr - startLr) * share + startLr;
    return endLr + ((startLr - endLr) / 2) * (Math.cos(Math.PI * share) + 1);
  }
}
