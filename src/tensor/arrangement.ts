/**
 * Functions that repeat, turn, move and take apart.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError, ShapeMismatchError } from '../common/errors.js';
import { checkInteger, checkOptions, describeValue } from '../common/options.js';
import { checkAxis } from './manipulation.js';
import { checkShape } from './operands.js';

/** Cuts a tensor along an axis into `chunks` equal parts. */
export function chunk(x: Tensor, chunks: number, axis = 0): Tensor[] {
  const along = checkAxis('axis', axis, x.rank);
  const length = x.shape[along]!;
  if (length % checkInteger('chunks', chunks, 1) !== 0) {
    throw new ShapeMismatchError(`an axis of length ${length} cannot be cut into ${chunks} equal parts`);
  }
  return tf.split(x, chunks, along);
}

/** The parts of a tensor along an axis, without that axis. */
export function unbind(input: Tensor, axis = 0): Tensor[] {
  return tf.unstack(input, checkAxis('axis', axis, input.rank));
}

/** As {@link unbind}. */
export function unstack(x: Tensor, axis = 0): Tensor[] {
  return unbind(x, axis);
}

/** Repeats a tensor along its axes; missing axes come first. */
export function tile(x: Tensor, repeatTimes: readonly number[]): Tensor {
  const times = checkShape('repeatTimes', repeatTimes);
  const rank = Math.max(x.rank, times.length);
  const padded = [...new Array<number>(rank - times.length).fill(1), ...times];
  return tf.tidy(() => {
    const wide = tf.reshape(x, [...new Array<number>(rank - x.rank).fill(1), ...x.shape]);
    return rank === 0 ? tf.clone(wide) : tf.tile(wide, padded);
  });
}

/**
 * Repeats axes of length one until the tensor has the given shape.
 *
 * @param shape - lengths of the axes; -1 keeps that of `x`
 */
export function expand(x: Tensor, shape: readonly number[]): Tensor {
  const wanted = checkShape('shape', shape, -1);
  const missing = wanted.length - x.rank;
  const lengths = wanted.map((length, axis) => (length === -1 ? (x.shape[axis - missing] ?? -1) : length));
  const fits = lengths.every((length, axis) => {
    const own = axis < missing ? 1 : x.shape[axis - missing];
    return length >= 0 && (own === 1 || own === length);
  });
  if (missing < 0 || !fits) {
    throw new ShapeMismatchError(
      `a tensor of shape [${x.shape.join(', ')}] cannot be expanded to [${wanted.join(', ')}]`,
    );
  }
  return tf.broadcastTo(x, lengths);
}

/** As {@link expand}. */
export function broadcastTo(x: Tensor, shape: readonly number[]): Tensor {
  return expand(x, shape);
}

/** Repeats axes of length one until the tensor has the shape of `y`. */
export function expandAs(x: Tensor, y: Tensor): Tensor {
  return expand(x, y.shape);
}

/** Turns axes around. */
export function flip(x: Tensor, axis: number | readonly number[]): Tensor {
  const axes = [axis].flat().map((one) => checkAxis('axis', one, x.rank));
  return tf.reverse(x, axes);
}

/** Options of {@link roll}. */
export interface RollOptions {
  /** Axis or axes, one for each shift; without it the tensor is rolled as if flattened. @defaultValue null */
  readonly axis?: number | readonly number[] | null;
}

/** Moves elements along axes; what leaves at the end comes in at the beginning. */
export function roll(x: Tensor, shifts: number | readonly number[], options: RollOptions = {}): Tensor {
  checkOptions('roll', options, ['axis']);
  const steps = [shifts].flat();
  if (options.axis == null)
    return tf.tidy(() =>
      tf.reshape(
        rollAll(
          tf.reshape(x, [-1]),
          steps,
          steps.map(() => 0),
        ),
        x.shape,
      ),
    );
  const axes = [options.axis].flat().map((one) => checkAxis('axis', one, x.rank));
  if (axes.length !== steps.length) {
    throw new InvalidArgumentError(
      `roll needs one axis for each shift, got ${describeValue(axes)} and ${describeValue(steps)}`,
    );
  }
  return tf.tidy(() => rollAll(x, steps, axes));
}

function rollAll(x: Tensor, steps: readonly number[], axes: readonly number[]): Tensor {
  return axes.reduce((rolled, axis, i) => {
    const length = rolled.shape[axis]!;
    const step = length === 0 ? 0 : ((checkInteger('shifts', steps[i]) % length) + length) % length;
    if (step === 0) return tf.clone(rolled);
    return tf.concat([...tf.split(rolled, [length - step, step], axis)].reverse(), axis);
  }, x);
}

/** Moves axes to other places; the others keep their order. */
export function moveaxis(
  x: Tensor,
  source: number | readonly number[],
  destination: number | readonly number[],
): Tensor {
  const from = [source].flat().map((axis) => checkAxis('source', axis, x.rank));
  const to = [destination].flat().map((axis) => checkAxis('destination', axis, x.rank));
  if (from.length !== to.length || new Set(from).size !== from.length || new Set(to).size !== to.length) {
    throw new InvalidArgumentError(
      `source and destination must hold as many different axes, got ${describeValue(from)} and ${describeValue(to)}`,
    );
  }
  const rest = x.shape.map((_, axis) => axis).filter((axis) => !from.includes(axis));
  const order = x.shape.map((_, place) => (to.includes(place) ? from[to.indexOf(place)]! : rest.shift()!));
  return tf.transpose(x, order);
}

/** Swaps two axes. */
export function swapaxes(x: Tensor, axis0: number, axis1: number): Tensor {
  const [first, second] = [checkAxis('axis0', axis0, x.rank), checkAxis('axis1', axis1, x.rank)];
  const order = x.shape.map((_, axis) => (axis === first ? second : axis === second ? first : axis));
  return tf.transpose(x, order);
}

/** Options of {@link repeatInterleave}. */
export interface RepeatInterleaveOptions {
  /** The axis; without it the tensor is flattened. @defaultValue null */
  readonly axis?: number | null;
}

/** Repeats each element along an axis `repeats` times. */
export function repeatInterleave(x: Tensor, repeats: number, options: RepeatInterleaveOptions = {}): Tensor {
  checkOptions('repeatInterleave', options, ['axis']);
  checkInteger('repeats', repeats, 0);
  return tf.tidy(() => {
    const source = options.axis == null ? tf.reshape(x, [-1]) : x;
    const axis = checkAxis('axis', options.axis ?? 0, source.rank);
    const index = Int32Array.from({ length: source.shape[axis]! * repeats }, (_, i) => Math.floor(i / repeats));
    return tf.gather(source, tf.tensor1d(index, 'int32'), axis);
  });
}
