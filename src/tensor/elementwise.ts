/**
 * Functions of each element, beside those of `math.ts`.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { binary } from './operands.js';

/** The gradients of some functions of TensorFlow.js do not know broadcasting. */
function broadcastBoth(compute: (x: Tensor, y: Tensor) => Tensor): (x: Tensor, y: Tensor | number) => Tensor {
  return (x, y) =>
    tf.tidy(() => {
      const other = typeof y === 'number' ? tf.scalar(y) : y;
      const shape = tf.broadcast_util.assertAndGetBroadcastShape(x.shape, other.shape);
      return compute(tf.broadcastTo(x, shape), tf.broadcastTo(other, shape));
    });
}

/** Sine of each element. */
export function sin(x: Tensor): Tensor {
  return tf.sin(x);
}

/** Cosine of each element. */
export function cos(x: Tensor): Tensor {
  return tf.cos(x);
}

/** Tangent of each element. */
export function tan(x: Tensor): Tensor {
  return tf.tan(x);
}

/** Inverse sine of each element. */
export function asin(x: Tensor): Tensor {
  return tf.asin(x);
}

/** Inverse cosine of each element. */
export function acos(x: Tensor): Tensor {
  return tf.acos(x);
}

/** Inverse tangent of each element. */
export function atan(x: Tensor): Tensor {
  return tf.atan(x);
}

/** Hyperbolic sine of each element. */
export function sinh(x: Tensor): Tensor {
  return tf.sinh(x);
}

/** Hyperbolic cosine of each element. */
export function cosh(x: Tensor): Tensor {
  return tf.cosh(x);
}

/** Hyperbolic tangent of each element. */
export function tanh(x: Tensor): Tensor {
  return tf.tanh(x);
}

/** Error function of each element. */
export function erf(x: Tensor): Tensor {
  return tf.erf(x);
}

/** `exp(x) - 1` of each element, exact near 0. */
export function expm1(x: Tensor): Tensor {
  return tf.expm1(x);
}

/** `log(1 + x)` of each element, exact near 0. */
export function log1p(x: Tensor): Tensor {
  return tf.log1p(x);
}

/** Logarithm to the base 2 of each element. */
export function log2(x: Tensor): Tensor {
  return tf.tidy(() => tf.div(tf.log(x), Math.LN2));
}

/** Logarithm to the base 10 of each element. */
export function log10(x: Tensor): Tensor {
  return tf.tidy(() => tf.div(tf.log(x), Math.LN10));
}

/** `1 / sqrt(x)` of each element. */
export function rsqrt(x: Tensor): Tensor {
  return tf.rsqrt(x);
}

/** `1 / x` of each element. */
export function reciprocal(x: Tensor): Tensor {
  return tf.reciprocal(x);
}

/** `-x` of each element. */
export function neg(x: Tensor): Tensor {
  return tf.neg(x);
}

/** -1, 0 or 1 by the sign of each element. */
export function sign(x: Tensor): Tensor {
  return tf.sign(x);
}

/** Largest whole number at most each element. */
export function floor(x: Tensor): Tensor {
  return tf.floor(x);
}

/** Smallest whole number at least each element. */
export function ceil(x: Tensor): Tensor {
  return tf.ceil(x);
}

/** Nearest whole number to each element, the even one of two. */
export function round(x: Tensor): Tensor {
  return tf.round(x);
}

/** Each element without its fraction. */
export function trunc(x: Tensor): Tensor {
  return tf.tidy(() => tf.mul(tf.sign(x), tf.floor(tf.abs(x))));
}

/** The larger of `x` and `y`, broadcasting. */
export function maximum(x: Tensor, y: Tensor | number): Tensor {
  return binary(broadcastBoth(tf.maximum), x, y);
}

/** The smaller of `x` and `y`, broadcasting. */
export function minimum(x: Tensor, y: Tensor | number): Tensor {
  return binary(broadcastBoth(tf.minimum), x, y);
}

/** `x` less the multiple of `y` below it: the rest has the sign of `y`. Broadcasting. */
export function mod(x: Tensor, y: Tensor | number): Tensor {
  return binary(tf.mod, x, y);
}

/** As {@link mod}. */
export function remainder(x: Tensor, y: Tensor | number): Tensor {
  return mod(x, y);
}

/** `x / y` rounded down, broadcasting. */
export function floorDivide(x: Tensor, y: Tensor | number): Tensor {
  return binary(tf.floorDiv, x, y);
}

/** `x + weight (y - x)`, broadcasting. */
export function lerp(x: Tensor, y: Tensor, weight: Tensor | number): Tensor {
  return tf.tidy(() => tf.add(x, tf.mul(tf.sub(y, x), weight)));
}
