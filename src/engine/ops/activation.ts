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
  /** The result, for other backends and for gradients of gradients. */
  readonly value: (x: Tensor, first: number, second: number) => Tensor;
  /**
   * Only where the gradient kernel works from the result y, so that x need not be kept: the derivative of the factor on
   * dy by y.
   */
  readonly curvature?: (y: Tensor) => Tensor;
}

/** `a` for positive elements, `b` for the others. */
const positive = (x: Tensor, a: Tensor, b: Tensor) => tf.where(tf.greater(x, 0), a, b);
const clip = (x: Tensor, low: number, high: number) => tf.clipByValue(x, low, high);
const swish = (x: Tensor) => tf.mul(x, tf.sigmoid(x));
const inside = (x: Tensor, limit: number) => tf.lessEqual(tf.abs(x), limit);
const { zerosLike } = tf;

/** The activations; the order is that of `Activation` in src/kernels/activation.cpp. */
export const activations = {
  relu: { value: (x) => tf.relu(x), curvature: zerosLike },
  relu6: { value: (x) => tf.relu6(x), curvature: zerosLike },
  sigmoid: { value: (x) => tf.sigmoid(x), curvature: (y) => tf.sub(1, tf.mul(y, 2)) },
  tanh: { value: (x) => tf.tanh(x), curvature: (y) => tf.mul(y, -2) },
  /** Lower and upper bound. */
  clip: { value: clip },
  /** Factor on the exponential part. */
  elu: { value: (x, alpha) => positive(x, x, tf.mul(tf.expm1(x), alpha)) },
  /** Factor on the exponential part and divisor in it. */
  celu: { value: (x, alpha) => positive(x, x, tf.mul(tf.expm1(tf.div(x, alpha)), alpha)) },
  /** Factor, and factor on the exponential part. */
  selu: { value: (x, scale, alpha) => tf.mul(positive(x, x, tf.mul(tf.expm1(x), alpha)), scale) },
  gelu: { value: (x) => tf.mul(x, tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5)) },
  /** GELU with the hyperbolic tangent in place of the error function. */
  geluTanh: {
    value: (x) => {
      const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI));
      return tf.mul(x, tf.mul(tf.add(tf.tanh(inner), 1), 0.5));
    },
  },
  /** Largest magnitude that becomes 0. */
  hardShrink: { value: (x, limit) => tf.where(inside(x, limit), zerosLike(x), x) },
  /** Slope and offset. */
  hardSigmoid: { value: (x, slope, offset) => clip(tf.add(tf.mul(x, slope), offset), 0, 1) },
  hardSwish: { value: (x) => tf.div(tf.mul(x, tf.relu6(tf.add(x, 3))), 6) },
  /** Slope for negative elements. */
  leakyRelu: { value: (x, slope) => tf.where(tf.less(x, 0), tf.mul(x, slope), x) },
  logSigmoid: { value: (x) => tf.neg(tf.softplus(tf.neg(x))) },
  mish: { value: (x) => tf.mul(x, tf.tanh(tf.softplus(x))) },
  /** Factor in the exponential, and from which product with it on the result is x. */
  softplus: {
    value: (x, beta, threshold) => {
      const scaled = tf.mul(x, beta);
      return tf.where(tf.greater(scaled, threshold), x, tf.div(tf.softplus(scaled), beta));
    },
  },
  /** What is taken off the magnitude. */
  softShrink: {
    value: (x, limit) => tf.where(inside(x, limit), zerosLike(x), tf.sub(x, tf.mul(tf.sign(x), limit))),
  },
  softsign: { value: (x) => tf.div(x, tf.add(tf.abs(x), 1)) },
  swish: { value: swish },
  tanhShrink: { value: (x) => tf.sub(x, tf.tanh(x)) },
  /** Threshold, and the result up to there. */
  thresholdedRelu: {
    value: (x, threshold, below) => tf.where(tf.greater(x, threshold), x, tf.fill(x.shape, below)),
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
  const { value, curvature }: Activation = activations[name];
  tf.registerGradient({
    kernelName: forward,
    inputsToSave: curvature ? [] : ['x'],
    outputsToSave: [curvature !== undefined],
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
      const bend = curvature ?? tf.grad(tf.grad((x) => value(x, first, second)));
      return {
        dy: () => runKernel(gradient, { dy: outer as Tensor, saved }, attributes),
        saved: () => tf.mul(tf.mul(outer as Tensor, dy), bend(saved)),
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
