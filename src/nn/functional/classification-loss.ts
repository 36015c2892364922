/**
 * Losses of classifiers, apart from cross entropy with softmax.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { ShapeMismatchError } from '../../common/errors.js';
import { sameShape } from '../../common/ndarray.js';
import { checkInteger, checkNumber, checkOptions } from '../../common/options.js';
import { activation } from '../../engine/ops/activation.js';
import { checkAxes, checkSameShape } from './arguments.js';
import {
  checkLabels,
  oneHotRows,
  reduceLoss,
  reductionOf,
  type ReductionOptions,
  type WeightedLossOptions,
} from './reduction.js';

const inputAndLabel = ['input', 'label'] as const;
const logSigmoid = (x: Tensor) => activation('logSigmoid', x);

/** Factor on losses, if there is one. */
const weighted = (losses: Tensor, weight: Tensor | null | undefined) => (weight ? tf.mul(losses, weight) : losses);

/** The logarithm, but at least -100. */
const boundedLog = (x: Tensor) => tf.maximum(tf.log(x), -100);

/** `-label log(p) - (1 - label) log(1 - p)`; logarithms are at least -100, and the divisor of the gradient 1e-12. */
const bernoulliLosses = tf.customGrad((...given) => {
  const [p, label, save] = given as unknown as [Tensor, Tensor, (tensors: Tensor[]) => void];
  save([p, label]);
  return {
    value: tf.neg(tf.add(tf.mul(label, boundedLog(p)), tf.mul(tf.sub(1, label), boundedLog(tf.sub(1, p))))),
    gradFunc: (dy: Tensor, saved: Tensor[]) => {
      const [input, target] = saved as [Tensor, Tensor];
      const spread = tf.maximum(tf.mul(input, tf.sub(1, input)), 1e-12);
      return [
        tf.div(tf.mul(dy, tf.sub(input, target)), spread),
        tf.mul(dy, tf.sub(boundedLog(tf.sub(1, input)), boundedLog(input))),
      ];
    },
  };
});

/**
 * Cross entropy of probabilities: `-label log(input) - (1 - label) log(1 - input)`.
 *
 * @param input - probabilities, in [0, 1]
 * @param label - 0, 1, or what is between, of the shape of the input
 */
export function binaryCrossEntropy(input: Tensor, label: Tensor, options: WeightedLossOptions = {}): Tensor {
  const reduction = reductionOf('binaryCrossEntropy', options, ['weight']);
  checkSameShape('binaryCrossEntropy', input, label, inputAndLabel);
  return tf.tidy(() => reduceLoss(weighted(bernoulliLosses(input, label), options.weight), reduction));
}

/** Options of {@link binaryCrossEntropyWithLogits}. */
export interface BinaryCrossEntropyWithLogitsOptions extends WeightedLossOptions {
  /** Factor on the part of positive labels, for each class. @defaultValue null */
  readonly posWeight?: Tensor | null;
}

/** Losses of logits: `-posWeight label log(sigmoid(logit)) - (1 - label) log(1 - sigmoid(logit))`. */
function logitLosses(logit: Tensor, label: Tensor, posWeight: Tensor | null = null): Tensor {
  const hit = weighted(tf.mul(label, logSigmoid(logit)), posWeight);
  return tf.neg(tf.add(hit, tf.mul(tf.sub(1, label), logSigmoid(tf.neg(logit)))));
}

/**
 * Cross entropy of logits, the sigmoid of which are probabilities.
 *
 * @param label - 0, 1, or what is between, of the shape of the logits
 */
export function binaryCrossEntropyWithLogits(
  logit: Tensor,
  label: Tensor,
  options: BinaryCrossEntropyWithLogitsOptions = {},
): Tensor {
  const reduction = reductionOf('binaryCrossEntropyWithLogits', options, ['weight', 'posWeight']);
  checkSameShape('binaryCrossEntropyWithLogits', logit, label, ['logit', 'label']);
  return tf.tidy(() => reduceLoss(weighted(logitLosses(logit, label, options.posWeight), options.weight), reduction));
}

/** Options of {@link sigmoidFocalLoss}. */
export interface SigmoidFocalLossOptions {
  /** Divisor of the losses, such as the number of positive samples. @defaultValue null */
  readonly normalizer?: Tensor | null;
  /** Factor on positive labels, 1 - alpha on negative ones. @defaultValue 0.25 */
  readonly alpha?: number;
  /** Exponent of the share that is missing. @defaultValue 2 */
  readonly gamma?: number;
  /** Mean, sum, or each loss. @defaultValue 'sum' */
  readonly reduction?: ReductionOptions['reduction'];
}

/** `alpha_t (1 - p_t)^gamma` times the cross entropy of logits (Lin et al., 2017, equation 5). */
export function sigmoidFocalLoss(logit: Tensor, label: Tensor, options: SigmoidFocalLossOptions = {}): Tensor {
  const reduction = reductionOf('sigmoidFocalLoss', options, ['normalizer', 'alpha', 'gamma'], 'sum');
  const alpha = checkNumber('alpha', options.alpha ?? 0.25);
  const gamma = checkNumber('gamma', options.gamma ?? 2);
  checkSameShape('sigmoidFocalLoss', logit, label, ['logit', 'label']);
  return tf.tidy(() => {
    const p = activation('sigmoid', logit);
    // 1 - p_t = label (1 - p) + (1 - label) p
    const missing = tf.add(tf.mul(label, tf.sub(1, p)), tf.mul(tf.sub(1, label), p));
    const share = tf.add(tf.mul(label, alpha), tf.mul(tf.sub(1, label), 1 - alpha));
    const losses = tf.mul(tf.mul(tf.pow(missing, gamma), share), logitLosses(logit, label));
    return reduceLoss(options.normalizer ? tf.div(losses, options.normalizer) : losses, reduction);
  });
}

/** Options of {@link nllLoss}. */
export interface NllLossOptions extends WeightedLossOptions {
  /** Samples with this label do not count. @defaultValue -100 */
  readonly ignoreIndex?: number;
}

/**
 * `-weight[label] input[label]` of each sample; the mean divides by the sum of the weights.
 *
 * @param input - logarithms of probabilities, [N, C] or [N, C, ...]
 * @param label - int32, [N] or [N, ...]
 * @throws `OutOfRangeError` naming the first label outside the classes
 */
export function nllLoss(input: Tensor, label: Tensor, options: NllLossOptions = {}): Tensor {
  const reduction = reductionOf('nllLoss', options, ['weight', 'ignoreIndex']);
  const ignoreIndex = checkInteger('ignoreIndex', options.ignoreIndex ?? -100);
  const [batch = 0, classes = 0, ...places] = input.shape;
  if (input.rank < 2 || !sameShape(label.shape, [batch, ...places])) {
    throw new ShapeMismatchError(
      `nllLoss needs an input [N, C, ...] and labels [N, ...], got [${input.shape.join(', ')}] and [${label.shape.join(', ')}]`,
    );
  }
  checkLabels(label, classes, ignoreIndex);
  return tf.tidy(() => {
    const flat = tf.cast(tf.reshape<tf.Rank.R1>(label, [-1]), 'int32');
    const order = [0, ...places.map((_, axis) => axis + 2), 1];
    const rows = tf.reshape(places.length > 0 ? tf.transpose(input, order) : input, [-1, classes]);
    // What is ignored has a row of zeros.
    const counted = tf.cast(tf.notEqual(flat, tf.scalar(ignoreIndex, 'int32')), 'float32');
    const picks = tf.mul(weighted(oneHotRows(flat, classes), options.weight), tf.expandDims(counted, 1));
    const losses = tf.neg(tf.sum(tf.mul(rows, picks), 1));
    if (reduction === 'none') return tf.reshape(losses, label.shape);
    return reduction === 'sum' ? tf.sum(losses) : tf.divNoNan(tf.sum(losses), tf.sum(picks));
  });
}

/**
 * Mean over the classes of the cross entropies of logits, for samples with several labels.
 *
 * @param input - logits [..., C]
 * @param label - 0 or 1, of the shape of the input
 * @returns with reduction 'none' a loss for each row, [...]
 */
export function multiLabelSoftMarginLoss(input: Tensor, label: Tensor, options: WeightedLossOptions = {}): Tensor {
  const reduction = reductionOf('multiLabelSoftMarginLoss', options, ['weight']);
  checkSameShape('multiLabelSoftMarginLoss', input, label, inputAndLabel);
  return tf.tidy(() => reduceLoss(tf.mean(weighted(logitLosses(input, label), options.weight), -1), reduction));
}

/** `log(1 + exp(-label input))` of each element, for labels -1 and 1. */
export function softMarginLoss(input: Tensor, label: Tensor, options: ReductionOptions = {}): Tensor {
  const reduction = reductionOf('softMarginLoss', options);
  checkSameShape('softMarginLoss', input, label, inputAndLabel);
  return tf.tidy(() => reduceLoss(tf.neg(logSigmoid(tf.mul(tf.cast(label, 'float32'), input))), reduction));
}

/** Options of {@link multiMarginLoss}. */
export interface MultiMarginLossOptions extends WeightedLossOptions {
  /** Exponent. @defaultValue 1 */
  readonly p?: number;
  /** By how much the right class should lead. @defaultValue 1 */
  readonly margin?: number;
}

/** Names of {@link MultiMarginLossOptions}. */
export const multiMarginLossOptionNames = ['p', 'margin', 'weight', 'reduction'];

/**
 * `sum(max(0, margin - input[label] + input[i])^p) weight[label] / C` over the classes i other than the label.
 *
 * @param input - scores [N, C]
 * @param label - int32, [N]
 */
export function multiMarginLoss(input: Tensor, label: Tensor, options: MultiMarginLossOptions = {}): Tensor {
  const reduction = reductionOf('multiMarginLoss', options, multiMarginLossOptionNames);
  const p = checkNumber('p', options.p ?? 1);
  const margin = checkNumber('margin', options.margin ?? 1);
  checkAxes('multiMarginLoss', 'scores', input, [2]);
  const [batch = 0, classes = 0] = input.shape;
  if (label.size !== batch) {
    throw new ShapeMismatchError(
      `multiMarginLoss of ${batch} samples needs a label each, got [${label.shape.join(', ')}]`,
    );
  }
  checkLabels(label, classes, NaN);
  return tf.tidy(() => {
    const own = oneHotRows(tf.reshape(label, [-1]), classes);
    const right = tf.sum(tf.mul(input, own), 1, true);
    const short = activation('relu', tf.add(tf.sub(margin, right), input));
    const powers = tf.mul(p === 1 ? short : tf.pow(short, p), tf.sub(1, own));
    const losses = tf.div(tf.sum(powers, 1), classes);
    const factor = options.weight ? tf.sum(tf.mul(own, options.weight), 1) : null;
    return reduceLoss(weighted(losses, factor), reduction);
  });
}

/**
 * `sum(max(0, 1 - input[j] + input[i])) / C` over the labels j of a sample and the classes i that are not.
 *
 * @param input - scores [N, C]
 * @param label - classes in the first places of each row, -1 after the last, int32 [N, C]
 */
export function multiLabelMarginLoss(input: Tensor, label: Tensor, options: ReductionOptions = {}): Tensor {
  const reduction = reductionOf('multiLabelMarginLoss', options);
  checkAxes('multiLabelMarginLoss', 'scores', input, [2]);
  checkSameShape('multiLabelMarginLoss', input, label, inputAndLabel);
  const [batch = 0, classes = 0] = input.shape;
  checkLabels(label, classes, -1);
  return tf.tidy(() => {
    const values = label.dataSync();
    // Whether a class is a label, and how often it counts: a label may come twice.
    const times = new Float32Array(batch * classes);
    for (let row = 0; row < batch; row++) {
      for (let place = 0; place < classes; place++) {
        const own = values[row * classes + place] ?? -1;
        if (own < 0) break;
        const index = row * classes + own;
        times[index] = (times[index] ?? 0) + 1;
      }
    }
    const counts = tf.tensor(times, [batch, classes]);
    const others = tf.cast(tf.equal(counts, 0), 'float32');
    const short = activation('relu', tf.add(tf.sub(1, tf.expandDims(input, 2)), tf.expandDims(input, 1)));
    const pairs = tf.mul(tf.expandDims(counts, 2), tf.expandDims(others, 1));
    return reduceLoss(tf.div(tf.sum(tf.mul(short, pairs), [1, 2]), classes), reduction);
  });
}

/** Options of {@link diceLoss}. */
export interface DiceLossOptions {
  /** Added to the divisor. @defaultValue 1e-5 */
  readonly epsilon?: number;
}

/**
 * `1 - 2 sum(input label) / (sum(input) + sum(label) + epsilon)`, the mean over the samples (Milletari et al., 2016).
 *
 * @param input - probabilities [N, ..., C]
 * @param label - int32 [N, ..., 1]
 * @returns a scalar
 */
export function diceLoss(input: Tensor, label: Tensor, options: DiceLossOptions = {}): Tensor {
  checkOptions('diceLoss', options, ['epsilon']);
  const epsilon = checkNumber('epsilon', options.epsilon ?? 1e-5);
  const classes = input.shape.at(-1) ?? 0;
  if (input.rank < 2 || !sameShape(label.shape, [...input.shape.slice(0, -1), 1])) {
    throw new ShapeMismatchError(
      `diceLoss needs an input [N, ..., C] and labels [N, ..., 1], got [${input.shape.join(', ')}] and [${label.shape.join(', ')}]`,
    );
  }
  checkLabels(label, classes, NaN);
  return tf.tidy(() => {
    const own = tf.reshape(oneHotRows(tf.reshape(label, [-1]), classes), input.shape);
    const axes = [...input.shape.keys()].slice(1);
    const common = tf.mul(2, tf.sum(tf.mul(input, own), axes));
    const all = tf.add(tf.add(tf.sum(input, axes), tf.sum(own, axes)), epsilon);
    return tf.mean(tf.sub(1, tf.div(common, all)));
  });
}
