/**
 * Regular tensors, diagonals and triangles.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError, ShapeMismatchError } from '../common/errors.js';
import { checkInteger, checkNumber, checkOptions } from '../common/options.js';
import type { CreationOptions } from './creation.js';
import { tensorDType } from './dtype.js';

/** A tensor of the shape of `x`, every element `fillValue`. */
export function fullLike(x: Tensor, fillValue: number, options: CreationOptions = {}): Tensor {
  checkOptions('fullLike', options, ['dtype']);
  const dtype = options.dtype === undefined ? x.dtype : tensorDType(options.dtype);
  return tf.fill(x.shape, checkNumber('fillValue', fillValue), dtype);
}

/** `num` numbers at equal distance from `start` to `stop`, both included. */
export function linspace(start: number, stop: number, num: number, options: CreationOptions = {}): Tensor {
  checkOptions('linspace', options, ['dtype']);
  checkNumber('start', start);
  checkNumber('stop', stop);
  const step = (stop - start) / Math.max(checkInteger('num', num, 1) - 1, 1);
  const values = Float32Array.from({ length: num }, (_, i) => (i === num - 1 && num > 1 ? stop : start + i * step));
  return tf.tensor1d(values, tensorDType(options.dtype ?? 'float32'));
}

/** Options of {@link eye}. */
export interface EyeOptions extends CreationOptions {
  /** Number of columns. @defaultValue that of rows */
  readonly numColumns?: number | null;
}

/** A matrix with ones on the diagonal and zeros elsewhere. */
export function eye(numRows: number, options: EyeOptions = {}): Tensor {
  checkOptions('eye', options, ['numColumns', 'dtype']);
  const rows = checkInteger('numRows', numRows, 0);
  const columns = checkInteger('numColumns', options.numColumns ?? rows, 0);
  return tf.tidy(() => tf.cast(diagonalMask(rows, columns, 0), tensorDType(options.dtype ?? 'float32')));
}

/** Difference of column and row of each place of a matrix. */
function offsets(rows: number, columns: number): Tensor {
  const values = Int32Array.from({ length: rows * columns }, (_, i) => (i % columns) - Math.floor(i / columns));
  return tf.tensor2d(values, [rows, columns], 'int32');
}

function diagonalMask(rows: number, columns: number, offset: number): Tensor {
  return tf.equal(offsets(rows, columns), tf.scalar(offset, 'int32'));
}

/** Options of {@link tril} and {@link triu}. */
export interface TriangleOptions {
  /** The diagonal that ends the triangle; positive ones are above the main one. @defaultValue 0 */
  readonly diagonal?: number;
}

function triangle(name: string, x: Tensor, options: TriangleOptions, keeps: typeof tf.lessEqual): Tensor {
  checkOptions(name, options, ['diagonal']);
  const [rows = 0, columns = 0] = x.shape.slice(-2);
  if (x.rank < 2) throw new ShapeMismatchError(`${name} needs a tensor of at least 2 axes, got ${x.rank}`);
  return tf.tidy(() => {
    const diagonal = tf.scalar(checkInteger('diagonal', options.diagonal ?? 0), 'int32');
    const mask = tf.broadcastTo(keeps(offsets(rows, columns), diagonal), x.shape);
    return tf.where(mask, x, tf.zerosLike(x));
  });
}

/** The matrices of the last two axes with zeros above a diagonal. */
export function tril(x: Tensor, options: TriangleOptions = {}): Tensor {
  return triangle('tril', x, options, tf.lessEqual);
}

/** The matrices of the last two axes with zeros below a diagonal. */
export function triu(x: Tensor, options: TriangleOptions = {}): Tensor {
  return triangle('triu', x, options, tf.greaterEqual);
}

/** Options of {@link diag}. */
export interface DiagOptions {
  /** The diagonal; positive ones are above the main one. @defaultValue 0 */
  readonly offset?: number;
  /** What stands beside the diagonal. @defaultValue 0 */
  readonly paddingValue?: number;
}

/** A square matrix with the elements of a vector on a diagonal, or the diagonal of a matrix. */
export function diag(x: Tensor, options: DiagOptions = {}): Tensor {
  checkOptions('diag', options, ['offset', 'paddingValue']);
  const offset = checkInteger('offset', options.offset ?? 0);
  const padding = checkNumber('paddingValue', options.paddingValue ?? 0);
  const [right, down] = [Math.max(offset, 0), Math.max(-offset, 0)];
  const size = x.size + Math.abs(offset);
  if (x.rank === 1) {
    return tf.tidy(() => {
      // Each row holds the element of the diagonal everywhere; the mask keeps it in its column.
      const column = tf.reshape(tf.pad(x, [[down, right]]), [size, 1]);
      const mask = diagonalMask(size, size, offset);
      const rest = tf.cast(tf.fill([size, size], padding), x.dtype);
      return tf.where(mask, tf.broadcastTo(column, [size, size]), rest);
    });
  }
  if (x.rank !== 2) throw new ShapeMismatchError(`diag needs a vector or a matrix, got ${x.rank} axes`);
  const [rows, columns] = x.shape as [number, number];
  const length = Math.max(0, Math.min(rows - down, columns - right));
  const places = Int32Array.from({ length }, (_, i) => (i + down) * columns + i + right);
  return tf.tidy(() => tf.gather(tf.reshape(x, [-1]), tf.tensor1d(places, 'int32')));
}

/**
 * The coordinates of a grid: for vectors of lengths n, m, ... one tensor [n, m, ...] each, which repeats the vector along
 * all axes but its own.
 */
export function meshgrid(...vectors: Tensor[]): Tensor[] {
  if (vectors.length === 0) throw new InvalidArgumentError('meshgrid needs at least one vector');
  const shape = vectors.map((vector) => {
    if (vector.rank > 1) throw new ShapeMismatchError(`meshgrid needs vectors, got [${vector.shape.join(', ')}]`);
    return vector.size;
  });
  return tf.tidy(() =>
    vectors.map((vector, axis) => {
      const own = shape.map((length, other) => (other === axis ? length : 1));
      return tf.broadcastTo(tf.reshape(vector, own), shape);
    }),
  );
}
