/**
 * Cross entropy.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Rank, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { InvalidArgumentError, ShapeMismatchError } from '../../common/errors.js';
import { sameShape } from '../../common/ndarray.js';
import { checkBoolean, checkChoice, checkInteger, checkNumber, checkOptions } from '../../common/options.js';
import { boundLogProbabilities, softmaxCrossEntropy } from '../../engine/ops/cross-entropy.js';
import { logSoftmax, softmax } from '../../engine/ops/softmax.js';
import { checkAxis } from '../../tensor/manipulation.js';
import { checkLabels, reductions, type Reduction } from './reduction.js';

/** Options of {@link crossEntropy}. */
export interface CrossEntropyOptions {
  /** Factor of each class, [C]. @defaultValue null */
  readonly weight?: Tensor | null;
  /** Samples with this label do not count. @defaultValue -100 */
  readonly ignoreIndex?: number;
  /** Mean, sum, or the loss of each sample. @defaultValue 'mean' */
  readonly reduction?: Reduction;
  /** Labels are probabilities of the shape of the input. @defaultValue false */
  readonly softLabel?: boolean;
  /** Axis of the classes. @defaultValue -1 */
  readonly axis?: number;
  /** Whether the input holds logits; false: probabilities. @defaultValue true */
  readonly useSoftmax?: boolean;
  /** Share of the label that is spread over all classes, in [0, 1]. @defaultValue 0 */
  readonly labelSmoothing?: number;
}

/** Names of {@link CrossEntropyOptions}. */
export const crossEntropyOptionNames = [
  'weight',
  'ignoreIndex',
  'reduction',
  'softLabel',
  'axis',
  'useSoftmax',
  'labelSmoothing',
];

/** Loss of each row, [M], and what it counts for in a mean, [M] or null when each row counts as one. */
interface RowLosses {
  readonly losses: Tensor1D;
  readonly counts: Tensor1D | null;
}

function logProbabilities(input: Tensor2D, useSoftmax: boolean): Tensor2D {
  return useSoftmax ? (boundLogProbabilities(logSoftmax(input, 1)) as Tensor2D) : tf.log(input);
}

function hardRows(
  input: Tensor2D,
  labels: Tensor1D,
  { weight = null, ignoreIndex = -100, useSoftmax = true }: CrossEntropyOptions,
): RowLosses {
  const classes = input.shape[1];
  const counted = () => tf.cast(tf.notEqual(labels, tf.scalar(ignoreIndex, 'int32')), 'float32');
  const losses = useSoftmax
    ? softmaxCrossEntropy(input, labels, ignoreIndex)
    : tf.neg(tf.mul(tf.sum(tf.mul(tf.oneHot(labels, classes), tf.log(input)), 1), counted()));
  const ignored = labels.dataSync().includes(ignoreIndex);
  // As in Paddle, a negative ignoreIndex leaves its samples in the count of an unweighted mean.
  const counts = ignored && ignoreIndex >= 0 ? (counted() as Tensor1D) : null;
  if (weight === null) return { losses: losses as Tensor1D, counts };
  const safe = ignored ? tf.cast(tf.mul(tf.cast(labels, 'float32'), counted()), 'int32') : labels;
  const picked = tf.gather(weight, safe);
  const weights = (ignored ? tf.mul(picked, counted()) : picked) as Tensor1D;
  return { losses: tf.mul(losses, weights), counts: weights };
}

function softRows(input: Tensor2D, labels: Tensor2D, options: CrossEntropyOptions): RowLosses {
  const { weight = null, useSoftmax = true } = options;
  const losses = tf.neg(tf.sum(tf.mul(labels, logProbabilities(input, useSoftmax)), 1));
  if (weight === null) return { losses: losses as Tensor1D, counts: null };
  const counts = tf.sum(tf.mul(labels, weight), 1);
  return { losses: tf.mul(losses, counts), counts: counts as Tensor1D };
}

/** Labels of the form [M], whether they came with a class axis of length one or without. */
function flatLabels(input: Tensor, label: Tensor, axis: number): { labels: Tensor1D; shape: number[] } {
  const without = input.shape.filter((_, index) => index !== axis);
  const withOne = input.shape.map((length, index) => (index === axis ? 1 : length));
  const fits = label.rank === input.rank ? withOne : without;
  if (!sameShape(label.shape, fits)) {
    throw new ShapeMismatchError(
      `labels for an input [${input.shape.join(', ')}] must have shape [${withOne.join(', ')}] or [${without.join(', ')}], got [${label.shape.join(', ')}]`,
    );
  }
  if (label.dtype !== 'int32' && !label.dataSync().every(Number.isInteger)) {
    throw new InvalidArgumentError(`labels must be whole numbers, got fractions in a tensor of ${label.dtype}`);
  }
  return { labels: tf.cast(tf.reshape<Rank.R1>(label, [-1]), 'int32'), shape: fits };
}

/** The rows that smoothed or soft labels give, and the shape of their losses. */
function smoothRows(input2d: Tensor2D, labels: Tensor1D, options: CrossEntropyOptions): RowLosses {
  const { labelSmoothing = 0, ignoreIndex = -100 } = options;
  const classes = input2d.shape[1];
  const smooth = tf.add(tf.mul(tf.oneHot(labels, classes), 1 - labelSmoothing), labelSmoothing / classes);
  const { losses, counts } = softRows(input2d, smooth as Tensor2D, options);
  const counted = tf.cast(tf.notEqual(labels, tf.scalar(ignoreIndex, 'int32')), 'float32');
  return {
    losses: tf.mul(losses, counted),
    counts: (counts === null ? counted : tf.mul(counts, counted)) as Tensor1D,
  };
}

function reduce({ losses, counts }: RowLosses, reduction: Reduction, shape: number[]): Tensor {
  if (reduction === 'none') return tf.reshape(losses, shape);
  if (counts === null && reduction === 'mean' && losses.size > 0) return tf.mean(losses);
  const total = tf.sum(losses);
  if (counts === null || reduction === 'sum') return total;
  // Without anything that counts the result is 0, not NaN.
  const count = tf.sum(counts);
  return tf.divNoNan(total, count);
}

/**
 * Cross entropy between predictions and labels.
 *
 * A hard label gives `-log p[label]`, a soft label `-sum(label * log p)`, where p is the softmax of the input, in which no
 * logit counts as more than 64 below the largest one. The mean
 * divides by the sum of the weights of the samples that are not ignored; without `weight` by their number when
 * `ignoreIndex` is 0 or more, else by the number of all samples.
 *
 * @param input - logits with the classes along `axis`, for instance [N, C]
 * @param label - int32 of shape [N, 1] or [N], or with `softLabel` float32 of the shape of the input
 * @returns a scalar; with reduction 'none' the loss of each sample, [N, 1] for labels [N, 1] or soft, [N] for labels [N]
 * @throws `OutOfRangeError` naming the first label outside the classes
 */
export function crossEntropy(input: Tensor, label: Tensor, options: CrossEntropyOptions = {}): Tensor {
  checkOptions('crossEntropy', options, crossEntropyOptionNames);
  const { reduction = 'mean', softLabel = false, axis = -1, weight = null } = options;
  checkChoice('reduction', reduction, reductions);
  checkBoolean('softLabel', softLabel);
  const ignoreIndex = checkInteger('ignoreIndex', options.ignoreIndex ?? -100);
  const labelSmoothing = checkNumber('labelSmoothing', options.labelSmoothing ?? 0, -Infinity, 1);
  const along = checkAxis('axis', axis, input.rank);
  const classes = input.shape[along] ?? 0;
  if (softLabel && ignoreIndex > 0) {
    throw new InvalidArgumentError(`ignoreIndex has no meaning for soft labels, got ${ignoreIndex}`);
  }
  if (weight && (weight.rank !== 1 || weight.size !== classes)) {
    throw new ShapeMismatchError(
      `weight must have one value for each of ${classes} classes, got shape [${weight.shape.join(', ')}]`,
    );
  }
  return tf.tidy(() => {
    const order = [...input.shape.keys()].filter((index) => index !== along).concat(along);
    const rowsOf = (x: Tensor) => tf.reshape<Rank.R2>(along === x.rank - 1 ? x : tf.transpose(x, order), [-1, classes]);
    const rows = rowsOf(input);
    const withOne = input.shape.map((length, index) => (index === along ? 1 : length));
    if (softLabel) {
      if (!sameShape(label.shape, input.shape)) {
        throw new ShapeMismatchError(
          `soft labels must have the shape [${input.shape.join(', ')}] of the input, got [${label.shape.join(', ')}]`,
        );
      }
      const smooth = labelSmoothing > 0 ? tf.add(tf.mul(label, 1 - labelSmoothing), labelSmoothing / classes) : label;
      return reduce(softRows(rows, rowsOf(smooth), options), reduction, withOne);
    }
    const { labels, shape } = flatLabels(input, label, along);
    checkLabels(labels, classes, ignoreIndex);
    if (labelSmoothing > 0) return reduce(smoothRows(rows, labels, options), reduction, withOne);
    return reduce(hardRows(rows, labels, options), reduction, shape);
  });
}

/** Options of {@link softmaxWithCrossEntropy}. */
export interface SoftmaxWithCrossEntropyOptions {
  /** Labels are probabilities of the shape of the logits. @defaultValue false */
  readonly softLabel?: boolean;
  /** Samples with this label have the loss 0. @defaultValue -100 */
  readonly ignoreIndex?: number;
  /** Accepted for compatibility; computation is always stable. @defaultValue true */
  readonly numericStableMode?: boolean;
  /** Return the softmax of the logits, too. @defaultValue false */
  readonly returnSoftmax?: boolean;
  /** Axis of the classes. @defaultValue -1 */
  readonly axis?: number;
}

/**
 * Cross entropy of each sample.
 *
 * @param logits - with the classes along `axis`, for instance [N, C]
 * @param label - int32 with an axis of length one in the place of the classes, or with `softLabel` probabilities
 * @returns the losses with an axis of length one in the place of the classes; with `returnSoftmax` also the softmax
 */
export function softmaxWithCrossEntropy(
  logits: Tensor,
  label: Tensor,
  options: SoftmaxWithCrossEntropyOptions & { readonly returnSoftmax: true },
): [Tensor, Tensor];
export function softmaxWithCrossEntropy(
  logits: Tensor,
  label: Tensor,
  options?: SoftmaxWithCrossEntropyOptions & { readonly returnSoftmax?: false },
): Tensor;
export function softmaxWithCrossEntropy(
  logits: Tensor,
  label: Tensor,
  options: SoftmaxWithCrossEntropyOptions = {},
): Tensor | [Tensor, Tensor] {
  checkOptions('softmaxWithCrossEntropy', options, [
    'softLabel',
    'ignoreIndex',
    'numericStableMode',
    'returnSoftmax',
    'axis',
  ]);
  const { softLabel = false, ignoreIndex = -100, returnSoftmax = false } = options;
  const axis = checkAxis('axis', options.axis ?? -1, logits.rank);
  return tf.tidy((): Tensor | [Tensor, Tensor] => {
    const each = crossEntropy(logits, label, { softLabel, ignoreIndex, axis, reduction: 'none' });
    const losses = each.rank === logits.rank ? each : tf.expandDims(each, axis);
    return returnSoftmax ? [losses, softmax(logits, axis)] : losses;
  });
}
