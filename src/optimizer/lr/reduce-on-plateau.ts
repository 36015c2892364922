import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../../common/errors.js';
import { checkChoice, checkInteger, checkNumber, checkOptions, describeValue } from '../../common/options.js';
import '../../tensor/methods.js';
import { checkBelowOne } from './checks.js';
import { LRScheduler } from './scheduler.js';

/** Options of {@link ReduceOnPlateau}. */
export interface ReduceOnPlateauOptions {
  /** Whether a lower or a higher metric is better. @defaultValue 'min' */
  readonly mode?: 'min' | 'max';
  /** Factor on the rate at each reduction, below 1. @defaultValue 0.1 */
  readonly factor?: number;
  /** Epochs without improvement that are borne; the next one reduces. @defaultValue 10 */
  readonly patience?: number;
  /** Least improvement that counts. @defaultValue 0.0001 */
  readonly threshold?: number;
  /** Whether the threshold is a share of the best metric or a difference to it. @defaultValue 'rel' */
  readonly thresholdMode?: 'rel' | 'abs';
  /** Epochs after a reduction in which the metric is ignored. @defaultValue 0 */
  readonly cooldown?: number;
  /** The lowest rate. @defaultValue 0 */
  readonly minLr?: number;
  /** Reductions by no more than this are left out. @defaultValue 1e-8 */
  readonly epsilon?: number;
  /** Print the learning rate at each reduction. @defaultValue false */
  readonly verbose?: boolean;
}

const optionNames = [
  'mode',
  'factor',
  'patience',
  'threshold',
  'thresholdMode',
  'cooldown',
  'minLr',
  'epsilon',
  'verbose',
];

/**
 * Reduces the rate when a metric no longer improves. Each step takes the metric, so the schedule must be stepped by
 * hand: under `Model.fit` the callback `ReduceLROnPlateau` does the same for evaluations.
 */
export class ReduceOnPlateau extends LRScheduler {
  /** The best metric so far, or null before the first step. */
  best: number | null = null;
  /** Epochs without improvement. */
  numBadEpochs = 0;
  /** Epochs in which the metric is still ignored. */
  cooldownCounter = 0;

  readonly #mode: 'min' | 'max';
  readonly #factor: number;
  readonly #patience: number;
  readonly #threshold: number;
  readonly #thresholdMode: 'rel' | 'abs';
  readonly #cooldown: number;
  readonly #minLr: number;
  readonly #epsilon: number;

  /** @param learningRate - the rate to start from */
  constructor(learningRate: number, options: ReduceOnPlateauOptions = {}) {
    checkOptions('ReduceOnPlateau', options, optionNames);
    super(learningRate, { lastEpoch: 0, verbose: options.verbose ?? false });
    this.#mode = checkChoice('mode', options.mode ?? 'min', ['min', 'max']);
    this.#factor = checkBelowOne('factor', options.factor ?? 0.1);
    this.#patience = checkInteger('patience', options.patience ?? 10, 0);
    this.#threshold = checkNumber('threshold', options.threshold ?? 1e-4);
    this.#thresholdMode = checkChoice('thresholdMode', options.thresholdMode ?? 'rel', ['rel', 'abs']);
    this.#cooldown = checkInteger('cooldown', options.cooldown ?? 0, 0);
    this.#minLr = checkNumber('minLr', options.minLr ?? 0);
    this.#epsilon = checkNumber('epsilon', options.epsilon ?? 1e-8);
  }

  getLr(): number {
    return this.lastLr;
  }

  /**
   * Goes to the next epoch.
   *
   * @param metrics - the metric of the epoch: a number or a tensor of one element
   * @param epoch - the epoch to go to instead
   * @throws `InvalidArgumentError` without a metric
   */
  override step(metrics?: number | Tensor, epoch?: number): void {
    const metric = toNumber(metrics);
    this.lastEpoch = epoch === undefined ? this.lastEpoch + 1 : checkInteger('epoch', epoch, 0);
    if (this.cooldownCounter > 0) {
      this.cooldownCounter--;
      return;
    }
    if (this.best === null || this.#isBetter(metric, this.best)) {
      this.best = metric;
      this.numBadEpochs = 0;
    } else {
      this.numBadEpochs++;
    }
    if (this.numBadEpochs <= this.#patience) return;
    this.cooldownCounter = this.#cooldown;
    this.numBadEpochs = 0;
    this.#reduce();
  }

  #reduce(): void {
    const rate = Math.max(this.lastLr * this.#factor, this.#minLr);
    if (this.lastLr - rate <= this.#epsilon) return;
    this.lastLr = rate;
    this.printRate();
  }

  #isBetter(metric: number, best: number): boolean {
    const margin = this.#thresholdMode === 'rel' ? best * this.#threshold : this.#threshold;
    return this.#mode === 'min' ? metric < best - margin : metric > best + margin;
  }

  protected override stateFields(): Record<string, keyof this & string> {
    return {
      cooldown_counter: 'cooldownCounter',
      best: 'best',
      num_bad_epochs: 'numBadEpochs',
      last_epoch: 'lastEpoch',
      last_lr: 'lastLr',
    };
  }
}

function toNumber(metrics: unknown): number {
  if (metrics instanceof tf.Tensor && metrics.size === 1) return metrics.item();
  if (typeof metrics === 'number') return metrics;
  throw new InvalidArgumentError(
    `ReduceOnPlateau.step needs a metric, a number or a tensor of one element, got ${describeValue(metrics)}; ` +
      'fit knows none: pass it the callback LRScheduler({ byStep: false }) and step by hand, or use the callback ReduceLROnPlateau',
  );
}
