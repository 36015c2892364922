import type { Tensor } from '@tensorflow/tfjs-core';
import { checkBoolean, checkInteger, checkNumber, checkOptions } from '../common/options.js';
import type { ParameterGradient } from '../nn/clip.js';
import type { Optimizer } from '../optimizer/index.js';
import { noteSinglePrecision } from './notice.js';

/** Options of {@link GradScaler}; they are kept and have no effect. */
export interface GradScalerOptions {
  /** Whether to scale. @defaultValue true */
  readonly enable?: boolean;
  /** First factor on the loss. @defaultValue 65536 */
  readonly initLossScaling?: number;
  /** Growth of the factor, above 1. @defaultValue 2 */
  readonly incrRatio?: number;
  /** Shrinkage of the factor, between 0 and 1. @defaultValue 0.5 */
  readonly decrRatio?: number;
  /** Steps with finite gradients before the factor grows. @defaultValue 2000 */
  readonly incrEveryNSteps?: number;
  /** Steps with others before it shrinks. @defaultValue 1 */
  readonly decrEveryNNanOrInf?: number;
  /** Whether the factor changes. @defaultValue true */
  readonly useDynamicLossScaling?: boolean;
}

type Settings = Required<GradScalerOptions>;

/**
 * Paddle's scaling of the loss against the underflow of half-precision gradients. Gradients are `float32` here, so that
 * it scales nothing, as Paddle's does on a CPU: `scale` returns the loss, `step` and `minimize` hand on to the optimizer.
 */
export class GradScaler {
  readonly #settings: Settings;

  constructor(options: GradScalerOptions = {}) {
    checkOptions('GradScaler', options, [
      'enable',
      'initLossScaling',
      'incrRatio',
      'decrRatio',
      'incrEveryNSteps',
      'decrEveryNNanOrInf',
      'useDynamicLossScaling',
    ]);
    this.#settings = {
      enable: checkBoolean('enable', options.enable ?? true),
      initLossScaling: checkNumber('initLossScaling', options.initLossScaling ?? 65536, 0),
      incrRatio: checkNumber('incrRatio', options.incrRatio ?? 2, 1),
      decrRatio: checkNumber('decrRatio', options.decrRatio ?? 0.5, 0, 1),
      incrEveryNSteps: checkInteger('incrEveryNSteps', options.incrEveryNSteps ?? 2000, 1),
      decrEveryNNanOrInf: checkInteger('decrEveryNNanOrInf', options.decrEveryNNanOrInf ?? 1, 1),
      useDynamicLossScaling: checkBoolean('useDynamicLossScaling', options.useDynamicLossScaling ?? true),
    };
    if (this.#settings.enable) noteSinglePrecision('GradScaler');
  }

  /** The loss as it is. */
  scale(loss: Tensor): Tensor {
    return loss;
  }

  /** Lets the optimizer take its step. */
  step(optimizer: Optimizer): void {
    optimizer.step();
  }

  /** Nothing: there is no factor to change. */
  update(): void {
    // Gradients are not scaled.
  }

  /** Nothing: gradients are not scaled. */
  unscale(_optimizer: Optimizer): void {
    // Gradients are not scaled.
  }

  /** The optimizer's `minimize`. */
  minimize(optimizer: Optimizer, loss?: Tensor): ParameterGradient[] {
    return optimizer.minimize(loss);
  }

  /** Whether losses are scaled: never. */
  isEnable(): boolean {
    return false;
  }

  /** Whether the factor changes: never. */
  isUseDynamicLossScaling(): boolean {
    return false;
  }

  /** The `initLossScaling` it was made with. */
  getInitLossScaling(): number {
    return this.#settings.initLossScaling;
  }

  /** Nothing, as of a scaler in Paddle that is not enabled. */
  stateDict(): Record<string, never> {
    return {};
  }

  /** Takes a state of Paddle's, to no effect. */
  loadStateDict(_state: Readonly<Record<string, unknown>>): void {
    // There is no state.
  }
}
