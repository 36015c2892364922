/**
 * Vectors of indices: embeddings, one-hot vectors, masks.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { noGrad } from '../../autograd/index.js';
import { InvalidArgumentError, OutOfRangeError, ShapeMismatchError } from '../../common/errors.js';
import { checkBoolean, checkInteger, checkNumber, checkOptions } from '../../common/options.js';
import { Parameter } from '../parameter.js';
import { checkAxes } from './arguments.js';
import { checkNorm } from './distance.js';

/** Options of {@link embedding}. */
export interface EmbeddingFunctionOptions {
  /** Index whose vector is 0 and is not trained; counted from the end when negative. @defaultValue null */
  readonly paddingIdx?: number | null;
  /** Vectors that are looked up are scaled down to this norm beforehand, in place. @defaultValue null */
  readonly maxNorm?: number | null;
  /** Exponent of that norm. @defaultValue 2 */
  readonly normType?: number;
  /** Accepted for compatibility: gradients are dense. @defaultValue false */
  readonly sparse?: boolean;
  /** Divide the gradient of a vector by how often it was looked up. @defaultValue false */
  readonly scaleGradByFreq?: boolean;
}

/** Names of {@link EmbeddingFunctionOptions}. */
export const embeddingOptionNames = ['paddingIdx', 'maxNorm', 'normType', 'sparse', 'scaleGradByFreq'];

/** The row of a padding index, or null. */
export function paddingRow(paddingIdx: number | null | undefined, rows: number): number | null {
  if (paddingIdx === null || paddingIdx === undefined) return null;
  checkInteger('paddingIdx', paddingIdx);
  if (paddingIdx < -rows || paddingIdx >= rows) {
    throw new OutOfRangeError(`paddingIdx must lie between ${-rows} and ${rows - 1}, got ${paddingIdx}`);
  }
  return paddingIdx < 0 ? paddingIdx + rows : paddingIdx;
}

/** Scales rows that are in use down to a norm. */
function limitRows(weight: Tensor, used: ReadonlySet<number>, maxNorm: number, p: number): void {
  if (!(weight instanceof Parameter))
    throw new InvalidArgumentError('weight must be a Parameter where maxNorm is given');
  const [, length = 0] = weight.shape;
  const values = Float32Array.from(weight.dataSync());
  for (const row of used) {
    const own = values.subarray(row * length, (row + 1) * length);
    const norm = own.reduce((sum, value) => sum + Math.abs(value) ** p, 0) ** (1 / p);
    if (norm <= maxNorm) continue;
    for (const [index, value] of own.entries()) own[index] = (value * maxNorm) / (norm + 1e-7);
  }
  noGrad(() => tf.tidy(() => weight.assign(tf.tensor(values, weight.shape as [number, number]))));
}

/**
 * Looks up rows of a table.
 *
 * @param x - int32 indices of any shape
 * @param weight - the table, [V, D]
 * @returns [...x.shape, D]
 * @throws `OutOfRangeError` naming the first index outside the table
 */
export function embedding(x: Tensor, weight: Tensor, options: EmbeddingFunctionOptions = {}): Tensor {
  checkOptions('embedding', options, embeddingOptionNames);
  checkAxes('embedding', 'a weight', weight, [2]);
  const [rows = 0, length = 0] = weight.shape;
  const padding = paddingRow(options.paddingIdx, rows);
  const scale = checkBoolean('scaleGradByFreq', options.scaleGradByFreq ?? false);
  const indices = Int32Array.from(x.dataSync());
  const bad = indices.findIndex((index) => index < 0 || index >= rows);
  if (bad >= 0) throw new OutOfRangeError(`index ${indices[bad]} at position ${bad} lies outside [0, ${rows})`);
  if (options.maxNorm) {
    limitRows(weight, new Set(indices), checkNumber('maxNorm', options.maxNorm, 0), checkNorm(options.normType ?? 2));
  }
  const counts = new Map<number, number>();
  for (const index of indices) counts.set(index, (counts.get(index) ?? 0) + 1);
  const lookUp = tf.customGrad((...given) => {
    const [table] = given as unknown as [Tensor];
    const found = tf.gather(table, tf.tensor1d(indices, 'int32'));
    const present = Float32Array.from(indices, (index) => Number(index !== padding));
    return {
      value: padding === null ? found : tf.mul(found, tf.tensor2d(present, [indices.length, 1])),
      gradFunc: (dy: Tensor) => {
        const gradients = dy.dataSync();
        const sums = new Float32Array(rows * length);
        indices.forEach((row, position) => {
          if (row === padding) return;
          const factor = scale ? 1 / (counts.get(row) ?? 1) : 1;
          for (let i = 0; i < length; i++) {
            sums[row * length + i] = (sums[row * length + i] ?? 0) + factor * (gradients[position * length + i] ?? 0);
          }
        });
        return tf.tensor2d(sums, [rows, length]);
      },
    };
  });
  return tf.tidy(() => tf.reshape(lookUp(weight), [...x.shape, length]));
}

/**
 * A row of zeros with a one at each index.
 *
 * @param x - int32 indices of any shape
 * @param numClasses - length of a row; -1 for one more than the largest index
 * @returns float32 [...x.shape, numClasses]
 * @throws `OutOfRangeError` naming the first index outside the row
 */
export function oneHot(x: Tensor, numClasses = -1): Tensor {
  const indices = x.dataSync();
  const classes = numClasses === -1 ? Math.max(-1, ...indices) + 1 : checkInteger('numClasses', numClasses, 1);
  const bad = indices.findIndex((index) => index < 0 || index >= classes);
  if (bad >= 0) throw new OutOfRangeError(`index ${indices[bad]} at position ${bad} lies outside [0, ${classes})`);
  return tf.tidy(() => {
    const flat = tf.cast(tf.reshape<tf.Rank.R1>(x, [-1]), 'int32');
    return tf.reshape(tf.cast(tf.oneHot(flat, classes), 'float32'), [...x.shape, classes]);
  });
}

/** Options of {@link labelSmooth}. */
export interface LabelSmoothOptions {
  /** What is mixed in, of the length of the last axis. @defaultValue the uniform distribution */
  readonly priorDist?: Tensor | null;
  /** Share of what is mixed in, in [0, 1]. @defaultValue 0.1 */
  readonly epsilon?: number;
}

/** `(1 - epsilon) label + epsilon priorDist` (Szegedy et al., 2016). @param label - [..., C], such as one-hot rows */
export function labelSmooth(label: Tensor, options: LabelSmoothOptions = {}): Tensor {
  checkOptions('labelSmooth', options, ['priorDist', 'epsilon']);
  const epsilon = checkNumber('epsilon', options.epsilon ?? 0.1, 0, 1);
  const classes = label.shape.at(-1) ?? 1;
  const prior = options.priorDist;
  if (prior && prior.size !== classes) {
    throw new ShapeMismatchError(`priorDist must hold ${classes} numbers, got shape [${prior.shape.join(', ')}]`);
  }
  return tf.tidy(() => {
    const mixed = prior ? tf.mul(tf.reshape(prior, [-1]), epsilon) : epsilon / classes;
    return tf.add(tf.mul(label, 1 - epsilon), mixed);
  });
}

/** Options of {@link sequenceMask}. */
export interface SequenceMaskOptions {
  /** Length of a row. @defaultValue the largest length */
  readonly maxlen?: number | null;
  /** Element type. @defaultValue 'int32' */
  readonly dtype?: 'int32' | 'float32' | 'bool';
}

/** Rows that hold ones up to a length, then zeros. @param x - lengths of any shape @returns [...x.shape, maxlen] */
export function sequenceMask(x: Tensor, options: SequenceMaskOptions = {}): Tensor {
  checkOptions('sequenceMask', options, ['maxlen', 'dtype']);
  const length = checkInteger('maxlen', options.maxlen ?? Math.max(0, ...x.dataSync()), 0);
  return tf.tidy(() => {
    const places = tf.range(0, length, 1, 'int32');
    return tf.cast(tf.less(places, tf.expandDims(tf.cast(x, 'int32'), -1)), options.dtype ?? 'int32');
  });
}
