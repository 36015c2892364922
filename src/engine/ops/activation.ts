/**
 * Activations with gradients that take one pass.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { defineOperation, hasKernel, runKernel } from './dispatch.js';

/** An activation by operations of TensorFlow.js. Its two parameters mean what the table says. */
interface Activation {
  /** The result, for other backends. */
  readonly value: (x: Tensor, first: number, second: number) => Tensor;
  /** True where the gradient follows from the result, so that x need not be kept. */
  readonly savesResult?: boolean;
  /**
   * For gradients of gradients: the derivative of the factor on dy, by what is saved. Left out where that is 0.
   */
  readonly curvature?: (saved: Tensor, first: number, second: number) => Tensor;
}

/** Which elements are greater than a number. Unlike `tf.greater` it has a gradient. */
const above = (x: Tensor, limit: number) => tf.cast(tf.step(tf.sub(x, limit)), 'bool');
/** `a` for positive elements, `b` for the others. */
const positive = (x: Tensor, a: Tensor, b: Tensor) => tf.where(above(x, 0), a, b);
/** `exp(x) - 1` for negative elements; 0 for the others, where it could be too large for a float. */
const expm1 = (x: Tensor) => tf.expm1(tf.minimum(x, 0));
const clip = (x: Tensor, low: number, high: number) => tf.clipByValue(x, low, high);
/** `a (1 - a)` */
const spread = (a: Tensor) => tf.mul(a, tf.sub(1, a));
/** `1 - a^2` */
const unsquared = (a: Tensor) => tf.sub(1, tf.square(a));
const product = (first: Tensor, ...rest: Tensor[]) => rest.reduce((all, one) => tf.mul(all, one), first);
const { zerosLike } = tf;

const geluRate = Math.sqrt(2 / Math.PI);
const geluCube = 0.044715;
const geluInner = (x: Tensor) => tf.tanh(tf.mul(tf.add(x, tf.mul(product(x, x, x), geluCube)), geluRate));

/** The activations; the order is that of `Activation` in src/kernels/activation.cpp. */
const activations = {
  relu: { value: (x) => tf.relu(x), savesResult: true },
  relu6: { value: (x) => tf.relu6(x), savesResult: true },
  sigmoid: { value: (x) => tf.sigmoid(x), savesResult: true, curvature: (y) => tf.sub(1, tf.mul(y, 2)) },
  tanh: { value: (x) => tf.tanh(x), savesResult: true, curvature: (y) => tf.mul(y, -2) },
  /** Lower and upper bound. */
  clip: { value: clip },
  /** Factor on the exponential part. */
  elu: {
    value: (x, alpha) => positive(x, x, tf.mul(expm1(x), alpha)),
    curvature: (x, alpha) => positive(x, zerosLike(x), tf.mul(tf.exp(x), alpha)),
  },
  /** Factor on the exponential part and divisor in it. */
  celu: {
    value: (x, alpha) => positive(x, x, tf.mul(expm1(tf.div(x, alpha)), alpha)),
    curvature: (x, alpha) => positive(x, zerosLike(x), tf.div(tf.exp(tf.div(x, alpha)), alpha)),
  },
  /** Factor, and factor on the exponential part. */
  selu: {
    value: (x, scale, alpha) => tf.mul(positive(x, x, tf.mul(expm1(x), alpha)), scale),
    curvature: (x, scale, alpha) => positive(x, zerosLike(x), tf.mul(tf.exp(x), scale * alpha)),
  },
  gelu: {
    value: (x) => tf.mul(x, tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5)),
    curvature: (x) => {
      const square = tf.square(x);
      const density = tf.mul(tf.exp(tf.mul(square, -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return tf.mul(density, tf.sub(2, square));
    },
  },
  /** GELU with the hyperbolic tangent in place of the error function. */
  geluTanh: {
    value: (x) => tf.mul(x, tf.mul(tf.add(geluInner(x), 1), 0.5)),
    curvature: (x) => {
      const t = geluInner(x);
      const rate = tf.mul(tf.add(tf.mul(tf.square(x), 3 * geluCube), 1), geluRate);
      const bend = tf.sub(tf.mul(x, 3 * geluCube * geluRate), product(t, rate, rate));
      return tf.mul(unsquared(t), tf.add(rate, tf.mul(x, bend)));
    },
  },
  /** Least magnitude that is kept. */
  hardShrink: { value: (x, limit) => tf.where(above(tf.sub(limit, tf.abs(x)), 0), zerosLike(x), x) },
  /** Slope and offset. */
  hardSigmoid: { value: (x, slope, offset) => clip(tf.add(tf.mul(x, slope), offset), 0, 1) },
  hardSwish: {
    value: (x) => tf.div(tf.mul(x, tf.relu6(tf.add(x, 3))), 6),
    curvature: (x) => tf.div(tf.step(tf.sub(3, tf.abs(x))), 3),
  },
  /** Slope for negative elements. */
  leakyRelu: { value: (x, slope) => positive(x, x, tf.mul(x, slope)) },
  logSigmoid: { value: (x) => tf.neg(tf.softplus(tf.neg(x))), curvature: (x) => tf.neg(spread(tf.sigmoid(x))) },
  mish: {
    value: (x) => tf.mul(x, tf.tanh(tf.softplus(x))),
    curvature: (x) => {
      const [t, s] = [tf.tanh(tf.softplus(x)), tf.sigmoid(x)];
      const bend = tf.sub(spread(s), tf.mul(product(t, s, s), 2));
      return tf.mul(unsquared(t), tf.add(tf.mul(s, 2), tf.mul(x, bend)));
    },
  },
  /** Factor in the exponential, and from which product with it on the result is x. */
  softplus: {
    value: (x, beta, threshold) => {
      const scaled = tf.mul(x, beta);
      return tf.where(above(scaled, threshold), x, tf.div(tf.softplus(scaled), beta));
    },
    curvature: (x, beta) => tf.mul(spread(tf.sigmoid(tf.mul(x, beta))), beta),
  },
  /** What is taken off the magnitude. */
  softShrink: {
    value: (x, limit) => {
      const shrunk = tf.sub(x, tf.mul(tf.sign(x), limit));
      return tf.where(above(tf.abs(x), limit), shrunk, zerosLike(x));
    },
  },
  softsign: {
    value: (x) => tf.div(x, tf.add(tf.abs(x), 1)),
    curvature: (x) => {
      const size = tf.add(tf.abs(x), 1);
      return tf.div(tf.mul(tf.sign(x), -2), product(size, size, size));
    },
  },
  swish: {
    value: (x) => tf.mul(x, tf.sigmoid(x)),
    curvature: (x) => {
      const s = tf.sigmoid(x);
      return tf.mul(spread(s), tf.add(2, tf.mul(x, tf.sub(1, tf.mul(s, 2)))));
    },
  },
  tanhShrink: {
    value: (x) => tf.sub(x, tf.tanh(x)),
    curvature: (x) => {
      const t = tf.tanh(x);
      return tf.mul(tf.mul(t, unsquared(t)), 2);
    },
  },
  /** Threshold, and the result up to there. */
  thresholdedRelu: {
    value: (x, threshold, below) => tf.where(above(x, threshold), x, tf.fill(x.shape, below)),
  },
} satisfies Record<string, Activation>;

/** Name of an activation. */
export type ActivationName = keyof typeof activations;

/** Names of activations in the order of the kernels' numbers. */
export const activationNames = Object.keys(activations) as ActivationName[];

/** Attributes of the kernels of {@link activation}. */
export interface ActivationAttributes {
  readonly first: number;
  readonly second: number;
}

/** Names of the kernels of an activation: `forward` takes x, `gradient` dy and what the forward kernel saved. */
export function activationKernels(name: ActivationName): { readonly forward: string; readonly gradient: string } {
  const forward = `Paddlewheel${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  return { forward, gradient: `${forward}Gradient` };
}

for (const name of activationNames) {
  const { forward, gradient } = activationKernels(name);
  const { savesResult = false, curvature }: Activation = activations[name];
  tf.registerGradient({
    kernelName: forward,
    inputsToSave: savesResult ? [] : ['x'],
    outputsToSave: [savesResult],
    gradFunc: (dy, [saved], attributes) => ({
      x: () => runKernel(gradient, { dy: dy as Tensor, saved: saved! }, attributes),
    }),
  });
  tf.registerGradient({
    kernelName: gradient,
    inputsToSave: ['dy', 'saved'],
    gradFunc: (outer, tensors, attributes) => {
      const [dy, saved] = tensors as [Tensor, Tensor];
      const { first, second } = attributes as unknown as ActivationAttributes;
      return {
        dy: () => runKernel(gradient, { dy: outer as Tensor, saved }, attributes),
        saved: () => (curvature ? product(outer as Tensor, dy, curvature(saved, first, second)) : zerosLike(saved)),
      };
    },
  });
}

/**
 * An activation of every element.
 *
 * @param parameters - up to two, as {@link activations} tells
 */
export const activation = defineOperation(
  'activation',
  (name: ActivationName, x: Tensor, ...parameters: number[]): Tensor => {
    const [first = 0, second = 0] = parameters;
    const { forward } = activationKernels(name);
    if (x.dtype === 'float32' && hasKernel(forward)) return runKernel(forward, { x }, { first, second });
    const { value }: Activation = activations[name];
    return value(x, first, second);
  },
);
