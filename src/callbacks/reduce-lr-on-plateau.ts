/**
 * Learning rates that fall when training stands still.
 *
 * @module
 */
import { InvalidArgumentError, NotPreparedError } from '../common/errors.js';
import { checkInteger, checkNumber, checkOptions } from '../common/options.js';
import type { Optimizer } from '../optimizer/index.js';
import type { CallbackState } from './callback.js';
import { formatPythonFloat } from './display/format.js';
import { MonitorCallback, monitorOptionNames, type MonitorOptions } from './monitor-callback.js';

/** Options of {@link ReduceLROnPlateau}. */
export interface ReduceLROnPlateauOptions extends MonitorOptions {
  /** What the learning rate is multiplied with, below 1. @defaultValue 0.1 */
  readonly factor?: number;
  /** Evaluations without improvement after which the rate falls. @defaultValue 10 */
  readonly patience?: number;
  /** Change below which a better value is no improvement. @defaultValue 1e-4 */
  readonly minDelta?: number;
  /**
   * Evaluations after a reduction in which waiting does not start again. The one that ends this time counts, so that 1
   * delays nothing. @defaultValue 0
   */
  readonly cooldown?: number;
  /** The rate does not fall below this. @defaultValue 0 */
  readonly minLr?: number;
}

/**
 * Multiplies the learning rate with a factor when a value of the evaluations has not improved for some time. The
 * optimizer must have a plain number as its rate; a schedule is left alone, with a warning.
 *
 * @example
 * ```ts
 * await model.fit(trainDataset, valDataset, { epochs: 50, callbacks: new ReduceLROnPlateau({ monitor: 'acc', patience: 3 }) });
 * ```
 */
export class ReduceLROnPlateau extends MonitorCallback {
  readonly #factor: number;
  readonly #cooldown: number;
  readonly #minLr: number;
  #cooldownLeft = 0;

  /** @throws `InvalidArgumentError` when `factor` is not below 1 */
  constructor(options: ReduceLROnPlateauOptions = {}) {
    checkOptions('ReduceLROnPlateau', options, [...monitorOptionNames, 'factor', 'cooldown', 'minLr']);
    super({ ...options, patience: options.patience ?? 10, minDelta: options.minDelta ?? 1e-4 });
    this.#factor = checkNumber('factor', options.factor ?? 0.1, 0);
    if (this.#factor >= 1) throw new InvalidArgumentError(`factor must be below 1, got ${this.#factor}`);
    this.#cooldown = checkInteger('cooldown', options.cooldown ?? 0, 0);
    this.#minLr = checkNumber('minLr', options.minLr ?? 0, 0);
  }

  /** Starts anew; the learning rate stays. */
  override onTrainBegin(): void {
    super.onTrainBegin();
    this.#cooldownLeft = 0;
  }

  protected override onValue(value: number): void {
    const optimizer = this.#plainOptimizer();
    if (optimizer === undefined) return;
    if (this.#cooldownLeft > 0) {
      this.#cooldownLeft--;
      this.wait = 0;
    }
    this.evaluations++;
    if (this.#isImprovement(value)) {
      this.best = value;
      this.wait = 0;
    } else if (this.#cooldownLeft === 0) {
      this.wait++;
      if (this.wait >= this.patience) this.#reduce(optimizer);
    }
  }

  /** The optimizer, if its rate can be set. */
  #plainOptimizer(): Optimizer | undefined {
    const { optimizer } = this.model;
    if (optimizer?.scheduler) {
      this.warnOnce(`needs a plain learning rate, got the schedule ${optimizer.scheduler.constructor.name}`);
      return undefined;
    }
    if (!optimizer) this.warnOnce('needs a model with an optimizer');
    return optimizer ?? undefined;
  }

  #isImprovement(value: number): boolean {
    const best = this.valueToBeat;
    return this.higherIsBetter ? value > best + this.minDelta : value < best - this.minDelta;
  }

  #reduce(optimizer: Optimizer): void {
    const rate = optimizer.getLr();
    // Paddle compares in float32, so that a rate which differs from the least one by rounding is not reduced again.
    if (Math.fround(rate) <= Math.fround(this.#minLr)) return;
    const reduced = Math.max(rate * this.#factor, this.#minLr);
    optimizer.setLr(reduced);
    if (this.isVerbose) {
      console.log(
        `\nEpoch ${this.evaluations}: ReduceLROnPlateau reducing learning rate to ${formatPythonFloat(reduced)}.`,
      );
    }
    this.#cooldownLeft = this.#cooldown;
    this.wait = 0;
  }

  /** The state, with the learning rate: files of optimizers do not hold a plain one. */
  override stateDict(): CallbackState {
    const { optimizer } = this.model;
    const learningRate = optimizer && !optimizer.scheduler ? optimizer.getLr() : null;
    return { ...super.stateDict(), cooldownLeft: this.#cooldownLeft, learningRate };
  }

  /** Takes back a state, and sets the learning rate in it. */
  override setStateDict(state: CallbackState): void {
    const cooldownLeft = checkInteger('cooldownLeft', state.cooldownLeft, 0);
    const learningRate = state.learningRate === null ? null : checkNumber('learningRate', state.learningRate, 0);
    super.setStateDict(state);
    this.#cooldownLeft = cooldownLeft;
    if (learningRate === null) return;
    const { optimizer } = this.model;
    if (!optimizer) throw new NotPreparedError('the state of ReduceLROnPlateau needs a model with an optimizer');
    if (!optimizer.scheduler) optimizer.setLr(learningRate);
  }
}
