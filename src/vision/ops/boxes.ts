/**
 * Boxes around objects: choosing among them, and their coding relative to others. A box is `[x1, y1, x2, y2]`.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError, ShapeMismatchError } from '../../common/errors.js';
import { checkBoolean, checkChoice, checkInteger, checkNumber, checkOptions } from '../../common/options.js';

function checkBoxes(name: string, boxes: Tensor): number {
  if (boxes.rank !== 2 || boxes.shape[1] !== 4) {
    throw new ShapeMismatchError(`${name} must have shape [N, 4], got [${boxes.shape.join(', ')}]`);
  }
  return boxes.shape[0];
}

/** Area of the intersection of two boxes over that of their union. */
function overlap(boxes: ArrayLike<number>, i: number, j: number): number {
  const at = (box: number, side: number) => boxes[4 * box + side]!;
  const width = Math.min(at(i, 2), at(j, 2)) - Math.max(at(i, 0), at(j, 0));
  const height = Math.min(at(i, 3), at(j, 3)) - Math.max(at(i, 1), at(j, 1));
  const common = Math.max(width, 0) * Math.max(height, 0);
  const area = (box: number) => (at(box, 2) - at(box, 0)) * (at(box, 3) - at(box, 1));
  return common / (area(i) + area(j) - common);
}

/** Those of the candidates, the best first, that no better one overlaps by more than the threshold. */
function suppress(boxes: ArrayLike<number>, candidates: readonly number[], threshold: number): number[] {
  const kept: number[] = [];
  for (const candidate of candidates) {
    if (kept.every((better) => !(overlap(boxes, better, candidate) > threshold))) kept.push(candidate);
  }
  return kept;
}

/** Options of {@link nms}. */
export interface NmsOptions {
  /** A box goes when a better one has a larger intersection over union with it. @defaultValue 0.3 */
  readonly iouThreshold?: number;
  /** How good each box is, [N]; without them the first ones are. @defaultValue null */
  readonly scores?: Tensor | null;
  /** The class of each box, [N]: only boxes of one class compete. Needs `scores` and `categories`. @defaultValue null */
  readonly categoryIdxs?: Tensor | null;
  /** The classes that count. @defaultValue null */
  readonly categories?: readonly number[] | null;
  /** How many boxes to keep at most, with `scores`. @defaultValue null, for all */
  readonly topK?: number | null;
}

/**
 * Non-maximum suppression: of boxes that overlap, the best one.
 *
 * @param boxes - [N, 4]
 * @returns the indices of the boxes to keep, the best first, int32 [K]
 */
export function nms(boxes: Tensor, options: NmsOptions = {}): Tensor {
  checkOptions('nms', options, ['iouThreshold', 'scores', 'categoryIdxs', 'categories', 'topK']);
  const { scores = null, categoryIdxs = null, categories = null, topK = null } = options;
  const count = checkBoxes('boxes', boxes);
  const threshold = checkNumber('iouThreshold', options.iouThreshold ?? 0.3);
  const values = boxes.dataSync();
  const order = Array.from({ length: count }, (_, i) => i);
  const indices = (kept: number[]) => tf.tensor1d(kept, 'int32');
  if (scores === null) {
    if (categoryIdxs !== null) throw new InvalidArgumentError('nms with categoryIdxs needs scores');
    return indices(suppress(values, order, threshold));
  }
  for (const [name, tensor] of Object.entries({ scores, categoryIdxs })) {
    if (tensor !== null && tensor.size !== count) {
      throw new ShapeMismatchError(`${name} must hold ${count} numbers, one for each box, got ${tensor.size}`);
    }
  }
  const goodness = scores.dataSync();
  const bestFirst = (a: number, b: number) => goodness[b]! - goodness[a]!;
  order.sort(bestFirst);
  let kept: number[];
  if (categoryIdxs === null) {
    kept = suppress(values, order, threshold);
  } else {
    if (categories === null) throw new InvalidArgumentError('nms with categoryIdxs needs categories');
    const classes = categoryIdxs.dataSync();
    kept = categories
      .flatMap((category) =>
        suppress(
          values,
          order.filter((box) => classes[box] === category),
          threshold,
        ),
      )
      .sort(bestFirst);
  }
  return indices(topK === null ? kept : kept.slice(0, checkInteger('topK', topK, 0)));
}

/** Options of {@link boxCoder}. */
export interface BoxCoderOptions {
  /** From boxes to their codes, or back. @defaultValue 'encode_center_size' */
  readonly codeType?: 'encode_center_size' | 'decode_center_size';
  /** Whether coordinates are shares of the image; pixels include both ends, which adds 1. @defaultValue true */
  readonly boxNormalized?: boolean;
  /** The axis of the codes that the prior boxes belong to: 0 for the second, 1 for the first. @defaultValue 0 */
  readonly axis?: number;
}

/**
 * Codes boxes as distances from prior boxes: those of the centres in the size of the prior box, and the logarithms of the
 * ratios of sizes, each divided by a variance (Ren et al., "Faster R-CNN", 2015).
 *
 * @param priorBox - [M, 4]
 * @param priorBoxVar - variances [M, 4], or four numbers for all
 * @param targetBox - boxes [N, 4] to encode, or codes [N, M, 4] to decode
 * @returns [N, M, 4]
 */
export function boxCoder(
  priorBox: Tensor,
  priorBoxVar: Tensor | readonly number[],
  targetBox: Tensor,
  options: BoxCoderOptions = {},
): Tensor {
  checkOptions('boxCoder', options, ['codeType', 'boxNormalized', 'axis']);
  const kinds = ['encode_center_size', 'decode_center_size'] as const;
  const codeType = checkChoice('codeType', options.codeType ?? 'encode_center_size', kinds);
  const extra = checkBoolean('boxNormalized', options.boxNormalized ?? true) ? 0 : 1;
  const axis = checkInteger('axis', options.axis ?? 0, 0);
  const priors = checkBoxes('priorBox', priorBox);
  return tf.tidy(() => {
    const variances = priorBoxVar instanceof tf.Tensor ? priorBoxVar : tf.tensor1d([...(priorBoxVar as number[])]);
    if (variances.shape.at(-1) !== 4 || variances.rank > 2) {
      throw new ShapeMismatchError(`priorBoxVar must have shape [M, 4] or [4], got [${variances.shape.join(', ')}]`);
    }
    const [left, top, right, bottom] = tf.unstack(priorBox, 1) as [Tensor, Tensor, Tensor, Tensor];
    const size = tf.add(tf.stack([tf.sub(right, left), tf.sub(bottom, top)], 1), extra);
    const center = tf.add(tf.stack([left, top], 1), tf.div(size, 2));
    if (codeType === 'encode_center_size') {
      const count = checkBoxes('targetBox', targetBox);
      const ends = tf.reshape(targetBox, [count, 1, 2, 2]);
      const [low, high] = tf.unstack(ends, 2) as [Tensor, Tensor];
      const distance = tf.div(tf.sub(tf.div(tf.add(low, high), 2), center), size);
      const ratio = tf.log(tf.abs(tf.div(tf.add(tf.sub(high, low), extra), size)));
      return tf.div(tf.concat([distance, ratio], 2), variances);
    }
    // The axis of the prior boxes lies first or second.
    const along = axis === 1 ? 0 : 1;
    if (axis > 1 || targetBox.rank !== 3 || targetBox.shape[2] !== 4 || targetBox.shape[along] !== priors) {
      throw new ShapeMismatchError(
        `targetBox must have shape [N, M, 4] with ${priors} along axis ${along}, got [${targetBox.shape.join(', ')}]`,
      );
    }
    const place = (tensor: Tensor) => tf.expandDims(tensor, 1 - along);
    const codes = tf.mul(targetBox, variances.rank === 2 ? place(variances) : variances);
    const [distance, ratio] = tf.split(codes, 2, 2) as [Tensor, Tensor];
    const middle = tf.add(tf.mul(distance, place(size)), place(center));
    const half = tf.div(tf.mul(tf.exp(ratio), place(size)), 2);
    return tf.concat([tf.sub(middle, half), tf.sub(tf.add(middle, half), extra)], 2);
  });
}
