/**
 * Activations that weigh channels, or draw on parameters or random numbers.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError, ShapeMismatchError } from '../../common/errors.js';
import { checkBoolean, checkInteger, checkNumber, checkOptions } from '../../common/options.js';
import { nextStream } from '../../common/random.js';
import { activation } from '../../engine/ops/activation.js';
import { randomTensor } from '../../engine/ops/random.js';
import { softmax } from '../../engine/ops/softmax.js';
import { checkAxis } from '../../tensor/manipulation.js';

/** Options of {@link prelu}. */
export interface PreluOptions {
  /** Whether channels are the second or the last axis, such as 'NCHW' or 'NHWC'. @defaultValue 'NCHW' */
  readonly dataFormat?: string;
}

/**
 * `x` for positive elements, `weight x` for the others (He et al., 2015).
 *
 * @param x - [N, C, ...]
 * @param weight - slope for all channels, [1], or for each, [C]
 */
export function prelu(x: Tensor, weight: Tensor, options: PreluOptions = {}): Tensor {
  checkOptions('prelu', options, ['dataFormat']);
  const { dataFormat = 'NCHW' } = options;
  const axis = dataFormat.endsWith('C') && x.rank > 2 ? x.rank - 1 : 1;
  if (weight.size !== 1 && (x.rank < 2 || weight.size !== x.shape[axis])) {
    throw new ShapeMismatchError(
      `prelu of an input [${x.shape.join(', ')}] needs one slope, or one for each element of axis ${axis}, got a weight [${weight.shape.join(', ')}]`,
    );
  }
  const shape = x.shape.map((_, index) => (index === axis && weight.size > 1 ? weight.size : 1));
  return tf.tidy(() => {
    // Both parts by operations whose gradients know how slopes are shared.
    const negative = tf.mul(activation('relu', tf.neg(x)), tf.reshape(weight, shape));
    return tf.sub(activation('relu', x), negative);
  });
}

/** Options of {@link rrelu}. */
export interface RreluOptions {
  /** Least slope, in [0, 1]. @defaultValue 1 / 8 */
  readonly lower?: number;
  /** Greatest slope, in [lower, 1]. @defaultValue 1 / 3 */
  readonly upper?: number;
  /** Draw the slopes; else all are the mean of the bounds. @defaultValue true */
  readonly training?: boolean;
}

/** The bounds of the slopes of {@link rrelu}. */
export function rreluBounds({ lower = 1 / 8, upper = 1 / 3 }: RreluOptions): [lower: number, upper: number] {
  checkNumber('lower', lower, 0, 1);
  return [lower, checkNumber('upper', upper, lower, 1)];
}

/** `x` for positive elements; the others are multiplied by a random slope each (Xu et al., 2015). */
export function rrelu(x: Tensor, options: RreluOptions = {}): Tensor {
  checkOptions('rrelu', options, ['lower', 'upper', 'training']);
  const [lower, upper] = rreluBounds(options);
  if (!checkBoolean('training', options.training ?? true)) return activation('leakyRelu', x, (lower + upper) / 2);
  return tf.tidy(() => {
    const slopes = randomTensor(x.shape, { kind: 'uniform', low: lower, high: upper }, nextStream('dropout'));
    return tf.mul(x, tf.where(tf.greaterEqual(x, 0), tf.onesLike(x), slopes));
  });
}

/** Options of functions along an axis of the channels. */
export interface ChannelAxisOptions {
  /** Axis of the channels. @defaultValue 1 */
  readonly axis?: number;
}

/**
 * Largest of each `groups` neighbouring channels (Goodfellow et al., 2013).
 *
 * @param x - [N, C, H, W]
 * @param groups - how many channels become one; divides C
 * @returns [N, C / groups, H, W]
 */
export function maxout(x: Tensor, groups: number, options: ChannelAxisOptions = {}): Tensor {
  checkOptions('maxout', options, ['axis']);
  const axis = checkAxis('axis', options.axis ?? 1, x.rank);
  const channels = x.shape[axis] ?? 0;
  checkInteger('groups', groups, 1);
  if (channels % groups !== 0) {
    throw new ShapeMismatchError(`maxout needs channels that ${groups} divides, got ${channels}`);
  }
  const split = [...x.shape.slice(0, axis), channels / groups, groups, ...x.shape.slice(axis + 1)];
  return tf.tidy(() => tf.max(tf.reshape(x, split), axis + 1));
}

/** The two halves of a tensor along an axis. */
function halves(where: string, x: Tensor, axis: number): [Tensor, Tensor] {
  const length = x.shape[axis] ?? 0;
  if (length % 2 !== 0) throw new ShapeMismatchError(`${where} needs an axis of even length, got ${length}`);
  return tf.split(x, 2, axis) as [Tensor, Tensor];
}

/** Options of {@link glu}. */
export interface GluOptions {
  /** Axis that is cut in two. @defaultValue -1 */
  readonly axis?: number;
}

/** `a sigmoid(b)`, where a and b are the halves of x along an axis (Dauphin et al., 2017). */
export function glu(x: Tensor, options: GluOptions = {}): Tensor {
  checkOptions('glu', options, ['axis']);
  const axis = checkAxis('axis', options.axis ?? -1, x.rank);
  return tf.tidy(() => {
    const [value, gate] = halves('glu', x, axis);
    return tf.mul(value, activation('sigmoid', gate));
  });
}

/** `silu(x) y` (Shazeer, 2020). @param options - `y`; without it x and y are the halves of x along its last axis */
export function swiglu(x: Tensor, options: { readonly y?: Tensor | null } = {}): Tensor {
  checkOptions('swiglu', options, ['y']);
  return tf.tidy(() => {
    const [gate, value] = options.y ? [x, options.y] : halves('swiglu', x, x.rank - 1);
    return tf.mul(activation('swish', gate), value);
  });
}

/** Options of {@link gumbelSoftmax}. */
export interface GumbelSoftmaxOptions {
  /** Divisor of the logits, greater than 0. @defaultValue 1 */
  readonly temperature?: number;
  /** Return the one-hot choice; gradients are those of the soft one. @defaultValue false */
  readonly hard?: boolean;
  /** Axis of the classes. @defaultValue -1 */
  readonly axis?: number;
}

/** A random choice of classes by their logits that gradients flow through (Jang et al., 2017). */
export function gumbelSoftmax(x: Tensor, options: GumbelSoftmaxOptions = {}): Tensor {
  checkOptions('gumbelSoftmax', options, ['temperature', 'hard', 'axis']);
  const axis = checkAxis('axis', options.axis ?? -1, x.rank);
  const temperature = checkNumber('temperature', options.temperature ?? 1);
  if (temperature <= 0) throw new InvalidArgumentError(`temperature must be greater than 0, got ${temperature}`);
  const hard = checkBoolean('hard', options.hard ?? false);
  return tf.tidy(() => {
    const noise = nextStream('dropout').fillUniform(new Float32Array(x.size));
    for (const [index, value] of noise.entries()) noise[index] = -Math.log(-Math.log(Math.min(value, 1 - 2 ** -24)));
    const soft = softmax(tf.div(tf.add(x, tf.tensor(noise, x.shape)), temperature), axis);
    if (!hard) return soft;
    const classes = x.shape[axis] ?? 0;
    const oneHot = tf.cast(tf.oneHot(tf.argMax(soft, axis), classes), 'float32');
    const order = [...x.shape.keys()].slice(0, -1);
    order.splice(axis, 0, x.rank - 1);
    // The value is the choice, the gradient that of the soft one.
    return tf.add(soft, tf.sub(tf.transpose(oneHot, order), soft.detach()));
  });
}
