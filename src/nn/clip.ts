/**
 * Gradient clipping.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError } from '../common/errors.js';
import { checkBoolean, checkNumber, checkOptions } from '../common/options.js';
import type { Parameter } from './parameter.js';

/** A parameter and its gradient. */
export type ParameterGradient = readonly [parameter: Parameter, gradient: Tensor];

/** Limits gradients before an optimizer uses them. Parameters whose `needClip` is false take no part. */
export abstract class GradientClip {
  /** The gradients to use in place of the given ones, in their order. */
  clip(gradients: readonly ParameterGradient[]): ParameterGradient[] {
    const clipped = this.apply(gradients.filter(([parameter]) => parameter.needClip).map(([, gradient]) => gradient));
    let next = 0;
    return gradients.map(([parameter, gradient]) => [
      parameter,
      parameter.needClip ? (clipped[next++] ?? gradient) : gradient,
    ]);
  }

  /** Clips gradients that take part. */
  protected abstract apply(gradients: readonly Tensor[]): Tensor[];
}

/** Moves every element into [min, max]. */
export class ClipGradByValue extends GradientClip {
  /** Upper bound. */
  readonly max: number;
  /** Lower bound. */
  readonly min: number;

  /**
   * @param max - upper bound, greater than 0 unless `min` is given
   * @param options - `min`: lower bound. @defaultValue -max
   */
  constructor(max: number, options: { readonly min?: number | null } = {}) {
    super();
    checkOptions('ClipGradByValue', options, ['min']);
    this.max = checkNumber('max', max);
    if (options.min == null && max <= 0) {
      throw new InvalidArgumentError(`max must be greater than 0 when min is not given, got ${max}`);
    }
    this.min = checkNumber('min', options.min ?? -max, -Infinity, max);
  }

  protected apply(gradients: readonly Tensor[]): Tensor[] {
    return gradients.map((gradient) => tf.clipByValue(gradient, this.min, this.max));
  }
}

const normOf = (gradient: Tensor) => tf.sqrt(tf.sum(tf.square(gradient)));

/** Scales each gradient down to a norm of at most `clipNorm`: `g * clipNorm / max(|g|, clipNorm)`. */
export class ClipGradByNorm extends GradientClip {
  /** Largest norm. */
  readonly clipNorm: number;

  /** @param clipNorm - largest norm of a gradient */
  constructor(clipNorm: number) {
    super();
    this.clipNorm = checkNumber('clipNorm', clipNorm, 0);
  }

  protected apply(gradients: readonly Tensor[]): Tensor[] {
    return gradients.map((gradient) =>
      tf.mul(gradient, tf.div(this.clipNorm, tf.maximum(normOf(gradient), this.clipNorm))),
    );
  }
}

/**
 * Scales all gradients so that the norm of all of them together is at most `clipNorm`: `g * clipNorm / max(G, clipNorm)`
 * with `G = sqrt(sum |g|^2)` (Pascanu et al., 2013).
 */
export class ClipGradByGlobalNorm extends GradientClip {
  /** Largest norm. */
  readonly clipNorm: number;

  /**
   * @param clipNorm - largest norm of all gradients together
   * @param options - `groupName`, `autoSkipClip`: accepted for compatibility
   */
  constructor(clipNorm: number, options: { readonly groupName?: string; readonly autoSkipClip?: boolean } = {}) {
    super();
    checkOptions('ClipGradByGlobalNorm', options, ['groupName', 'autoSkipClip']);
    checkBoolean('autoSkipClip', options.autoSkipClip ?? false);
    this.clipNorm = checkNumber('clipNorm', clipNorm, 0);
  }

  protected apply(gradients: readonly Tensor[]): Tensor[] {
    if (gradients.length === 0) return [];
    const squares = gradients.map((gradient) => tf.sum(tf.square(gradient)));
    const norm = tf.sqrt(tf.addN(squares));
    const factor = tf.div(this.clipNorm, tf.maximum(norm, this.clipNorm));
    return gradients.map((gradient) => tf.mul(gradient, factor));
  }
}
