/**
 * Functions that choose elements.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { ShapeMismatchError } from '../common/errors.js';
import { sameShape, sizeOf } from '../common/ndarray.js';
import { checkBoolean, checkOptions } from '../common/options.js';
import { takeAlong } from '../engine/index.js';
import { checkAxis } from './manipulation.js';
import { readIndices, stridesOf, takeFlat } from './operands.js';

/**
 * The slices of `x` along an axis that a vector names.
 *
 * @param index - int32 [N] or a scalar
 */
export function gather(x: Tensor, index: Tensor, axis = 0): Tensor {
  const along = checkAxis('axis', axis, x.rank);
  if (index.rank > 1) throw new ShapeMismatchError(`index must be a vector, got [${index.shape.join(', ')}]`);
  const places = readIndices('index', index, x.shape[along]!);
  return tf.tidy(() => tf.gather(x, tf.tensor(places, index.shape, 'int32'), along));
}

/** As {@link gather}, with a vector `index`. */
export function indexSelect(x: Tensor, index: Tensor, axis = 0): Tensor {
  return gather(x, index, axis);
}

/**
 * The parts of `x` at places with several coordinates.
 *
 * @param index - int32 [..., K], coordinates along the first K axes of `x`
 * @returns [..., the axes of `x` after the first K]
 */
export function gatherNd(x: Tensor, index: Tensor): Tensor {
  const width = index.shape.at(-1) ?? 0;
  if (index.rank === 0 || width > x.rank) {
    throw new ShapeMismatchError(
      `the last axis of index must hold at most ${x.rank} coordinates, got index [${index.shape.join(', ')}]`,
    );
  }
  const [outer, inner] = [x.shape.slice(0, width), x.shape.slice(width)];
  const strides = stridesOf(outer);
  const coordinates = index.dataSync();
  const count = sizeOf(index.shape.slice(0, -1));
  const places = Int32Array.from({ length: count }, (_, i) =>
    outer.reduce((place, length, axis) => {
      const at = coordinates[i * width + axis]!;
      if (at < -length || at >= length) {
        throw new ShapeMismatchError(
          `index must lie between ${-length} and ${length - 1} along axis ${axis}, got ${at}`,
        );
      }
      return place + (at < 0 ? at + length : at) * strides[axis]!;
    }, 0),
  );
  return tf.tidy(() => {
    const rows = tf.gather(tf.reshape(x, [sizeOf(outer), sizeOf(inner)]), tf.tensor1d(places, 'int32'));
    return tf.reshape(rows, [...index.shape.slice(0, -1), ...inner]);
  });
}

/** Elements of `arr` along an axis, one for each element of `indices`, which has the same other axes. */
export function takeAlongAxis(arr: Tensor, indices: Tensor, axis: number): Tensor {
  const along = checkAxis('axis', axis, arr.rank);
  const others = (shape: readonly number[]) => shape.filter((_, i) => i !== along);
  if (!sameShape(others(arr.shape), others(indices.shape))) {
    throw new ShapeMismatchError(
      `indices [${indices.shape.join(', ')}] must have the shape [${arr.shape.join(', ')}] except along axis ${along}`,
    );
  }
  const places = readIndices('indices', indices, arr.shape[along]!);
  return tf.tidy(() => takeAlong(arr, tf.tensor(places, indices.shape, 'int32'), along));
}

/** Options of {@link scatter}. */
export interface ScatterOptions {
  /** True writes rows, the last of several to one place; false makes rows zero and adds. @defaultValue true */
  readonly overwrite?: boolean;
}

/**
 * A copy of `x` with some rows replaced.
 *
 * @param index - int32 [N], where the rows go
 * @param updates - rows [N, the other axes of `x`]
 */
export function scatter(x: Tensor, index: Tensor, updates: Tensor, options: ScatterOptions = {}): Tensor {
  checkOptions('scatter', options, ['overwrite']);
  const rows = x.shape[0] ?? 0;
  const places = readIndices('index', index, rows);
  if (!sameShape(updates.shape, [places.length, ...x.shape.slice(1)])) {
    throw new ShapeMismatchError(
      `updates must have shape [${[places.length, ...x.shape.slice(1)].join(', ')}], got [${updates.shape.join(', ')}]`,
    );
  }
  return tf.tidy(() => {
    if (checkBoolean('overwrite', options.overwrite ?? true)) {
      // Rows of x and of the updates below each other, to choose from.
      const source = Int32Array.from({ length: rows }, (_, row) => row);
      places.forEach((place, i) => (source[place] = rows + i));
      return tf.gather(tf.concat([x, updates], 0), tf.tensor1d(source, 'int32'));
    }
    const kept = new Float32Array(rows).fill(1);
    for (const place of places) kept[place] = 0;
    const mask = tf.cast(tf.tensor(kept, [rows, ...x.shape.slice(1).map(() => 1)]), x.dtype);
    return tf.add(tf.mul(x, mask), tf.unsortedSegmentSum(updates, tf.tensor1d(places, 'int32'), rows));
  });
}

/** The places of the elements that are not zero, in C order. */
function placesOf(x: Tensor): Int32Array {
  const places: number[] = [];
  x.dataSync().forEach((value, place) => {
    if (value) places.push(place);
  });
  return Int32Array.from(places);
}

/** The elements of `x` for which `mask`, which is broadcast, is true, as a vector. */
export function maskedSelect(x: Tensor, mask: Tensor): Tensor {
  return tf.tidy(() => {
    const shape = tf.broadcast_util.assertAndGetBroadcastShape(x.shape, mask.shape);
    const places = placesOf(tf.broadcastTo(tf.cast(mask, 'int32'), shape));
    return takeFlat(tf.broadcastTo(x, shape), places, [places.length]);
  });
}

/** The coordinates of the elements that are not zero, int32 [N, rank]. */
export function nonzero(x: Tensor): Tensor {
  const strides = stridesOf(x.shape);
  const places = placesOf(x);
  const coordinates = Int32Array.from({ length: places.length * x.rank }, (_, i) => {
    const axis = i % x.rank;
    return Math.floor(places[Math.floor(i / x.rank)]! / strides[axis]!) % x.shape[axis]!;
  });
  return tf.tensor2d(coordinates, [places.length, x.rank], 'int32');
}

/** The elements of `x` where `condition` holds and those of `y` elsewhere; all three are broadcast. */
export function where(condition: Tensor, x: Tensor | number, y: Tensor | number): Tensor {
  return tf.tidy(() => {
    const like = typeof x === 'number' ? y : x;
    const dtype = typeof like === 'number' ? 'float32' : like.dtype;
    const [a, b] = [x, y].map((value) => (typeof value === 'number' ? tf.scalar(value, dtype) : value)) as [
      Tensor,
      Tensor,
    ];
    // The gradient of TensorFlow.js does not know broadcasting here.
    const shape = [a.shape, b.shape].reduce(tf.broadcast_util.assertAndGetBroadcastShape, condition.shape);
    return tf.where(
      tf.broadcastTo(tf.cast(condition, 'bool'), shape),
      tf.broadcastTo(a, shape),
      tf.broadcastTo(b, shape),
    );
  });
}

/** Options of {@link unique}. */
export interface UniqueOptions {
  /** Also the place of the first of each value. @defaultValue false */
  readonly returnIndex?: boolean;
  /** Also the number of the value of each element. @defaultValue false */
  readonly returnInverse?: boolean;
  /** Also how often each value is there. @defaultValue false */
  readonly returnCounts?: boolean;
}

/**
 * The different values of a tensor in ascending order.
 *
 * @returns the values as a vector, or with one of the options an array of it and what they ask for, int32 vectors
 */
export function unique(x: Tensor, options?: Record<string, never>): Tensor;
export function unique(x: Tensor, options: UniqueOptions): Tensor | Tensor[];
export function unique(x: Tensor, options: UniqueOptions = {}): Tensor | Tensor[] {
  checkOptions('unique', options, ['returnIndex', 'returnInverse', 'returnCounts']);
  const elements = x.dataSync();
  const values = [...new Set<number>(elements)].sort((a, b) => a - b);
  const numbers = new Map(values.map((value, number) => [value, number]));
  const inverse = Int32Array.from(elements, (value: number) => numbers.get(value)!);
  const [first, counts] = [new Int32Array(values.length).fill(-1), new Int32Array(values.length)];
  inverse.forEach((number, place) => {
    if (first[number] === -1) first[number] = place;
    counts[number]!++;
  });
  const vector = (array: Int32Array) => tf.tensor1d(array, 'int32');
  const result = [tf.tensor1d(values, x.dtype)];
  if (options.returnIndex) result.push(vector(first));
  if (options.returnInverse) result.push(vector(inverse));
  if (options.returnCounts) result.push(vector(counts));
  return result.length === 1 ? result[0]! : result;
}
