/**
 * Einstein's sum convention.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InvalidArgumentError, ShapeMismatchError } from '../common/errors.js';
import { sizeOf } from '../common/ndarray.js';

/** A tensor and the label of each of its axes. */
interface Labelled {
  readonly tensor: Tensor;
  readonly labels: readonly string[];
}

/** Labels of the axes that `...` stands for, counted from the last one. */
const ELLIPSIS = '0123456789';

function parseTerm(term: string, equation: string): string[] {
  if (!/^[a-zA-Z]*(\.\.\.)?[a-zA-Z]*$/.test(term)) {
    throw new InvalidArgumentError(`einsum cannot read ${JSON.stringify(term)} in the equation '${equation}'`);
  }
  return term.replace('...', '.').split('');
}

/** The labels of a term, with those of as many axes in the place of `...` as are left of `rank`. */
function expandTerm(term: readonly string[], rank: number, equation: string): string[] {
  const left = rank - (term.length - 1);
  if (!term.includes('.')) {
    if (term.length === rank) return [...term];
  } else if (left >= 0 && left <= ELLIPSIS.length) {
    return term.flatMap((label) => (label === '.' ? ELLIPSIS.slice(0, left).split('').reverse() : [label]));
  }
  throw new ShapeMismatchError(`'${term.join('').replace('.', '...')}' of '${equation}' does not fit ${rank} axes`);
}

/** One axis for each label: of equal labels the diagonal is taken. */
function withoutRepeats({ tensor, labels }: Labelled): Labelled {
  const repeated = labels.findIndex((label, axis) => labels.indexOf(label) !== axis);
  if (repeated < 0) return { tensor, labels };
  const first = labels.indexOf(labels[repeated]!);
  const length = tensor.shape[first]!;
  const shape = tensor.shape.map((own, axis) => (axis === first || axis === repeated ? own : 1));
  const mask = tf.reshape(tf.eye(length, tensor.shape[repeated]), shape);
  const diagonal = tf.sum(tf.mul(tensor, tf.cast(mask, tensor.dtype)), repeated);
  return withoutRepeats({ tensor: diagonal, labels: labels.filter((_, axis) => axis !== repeated) });
}

/** Sums over the axes whose labels are in no other place. */
function sumUnneeded({ tensor, labels }: Labelled, needed: ReadonlySet<string>): Labelled {
  const axes = labels.flatMap((label, axis) => (needed.has(label) ? [] : [axis]));
  if (axes.length === 0) return { tensor, labels };
  return { tensor: tf.sum(tensor, axes), labels: labels.filter((label) => needed.has(label)) };
}

/** The axes in the order of the labels; a label that is missing is an axis of length one. */
function arrange({ tensor, labels }: Labelled, order: readonly string[]): Tensor {
  const present = order.filter((label) => labels.includes(label));
  const moved = tf.transpose(
    tensor,
    present.map((label) => labels.indexOf(label)),
  );
  const lengths = new Map(labels.map((label, axis) => [label, tensor.shape[axis]!]));
  return tf.reshape(
    moved,
    order.map((label) => lengths.get(label) ?? 1),
  );
}

/** Multiplies two operands, and sums over labels that are in both and nowhere else, as one batch of matrix products. */
function contract(a: Labelled, b: Labelled, needed: ReadonlySet<string>): Labelled {
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => needed.has(label));
  const summed = shared.filter((label) => !needed.has(label));
  const left = a.labels.filter((label) => !shared.includes(label));
  const right = b.labels.filter((label) => !shared.includes(label));
  const lengths = new Map<string, number>();
  for (const { tensor, labels } of [a, b]) {
    labels.forEach((label, axis) => lengths.set(label, Math.max(lengths.get(label) ?? 1, tensor.shape[axis]!)));
  }
  const shapeOf = (labels: readonly string[]) => labels.map((label) => lengths.get(label)!);
  // Axes of length one are broadcast.
  const matrices = (
    operand: Labelled,
    order: readonly string[],
    rows: readonly string[],
    columns: readonly string[],
  ) => {
    const full = tf.broadcastTo(arrange(operand, order), shapeOf(order));
    return tf.reshape(full, [sizeOf(shapeOf(batch)), sizeOf(shapeOf(rows)), sizeOf(shapeOf(columns))]);
  };
  const product = tf.matMul(
    matrices(a, [...batch, ...left, ...summed], left, summed),
    matrices(b, [...batch, ...summed, ...right], summed, right),
  );
  const labels = [...batch, ...left, ...right];
  return { tensor: tf.reshape(product, shapeOf(labels)), labels };
}

function checkLengths(operands: readonly Labelled[], equation: string): void {
  const lengths = new Map<string, number>();
  for (const { tensor, labels } of operands) {
    labels.forEach((label, axis) => {
      const length = tensor.shape[axis]!;
      const known = lengths.get(label) ?? length;
      if (known !== length && known !== 1 && length !== 1) {
        throw new ShapeMismatchError(`'${label}' of '${equation}' has the lengths ${known} and ${length}`);
      }
      lengths.set(label, Math.max(known, length));
    });
  }
}

/**
 * Sums of products of elements by Einstein's convention: `einsum('ij,jk->ik', a, b)` is a matrix product. Labels that are
 * missing on the right side are summed over; `...` stands for any axes, which are broadcast; a label that is twice in a
 * term takes the diagonal. Without `->` the right side holds the labels that are there once, in alphabetical order.
 *
 * @throws `ShapeMismatchError` when labels and shapes do not fit
 */
export function einsum(equation: string, ...operands: Tensor[]): Tensor {
  const [inputs = '', output, ...more] = equation.replaceAll(' ', '').split('->');
  const terms = inputs.split(',').map((term) => parseTerm(term, equation));
  if (more.length > 0 || terms.length !== operands.length) {
    throw new InvalidArgumentError(`einsum got ${operands.length} tensors for the equation '${equation}'`);
  }
  return tf.tidy(() => {
    const labelled = operands.map((tensor, i) => {
      return { tensor, labels: expandTerm(terms[i]!, tensor.rank, equation) };
    });
    checkLengths(labelled, equation);
    const all = labelled.flatMap(({ labels }) => labels);
    const dots = [...new Set(all.filter((label) => ELLIPSIS.includes(label)))].sort().reverse();
    const once = all.filter((label) => !ELLIPSIS.includes(label) && all.indexOf(label) === all.lastIndexOf(label));
    const wanted =
      output === undefined
        ? [...dots, ...once.sort()]
        : parseTerm(output, equation).flatMap((label) => (label === '.' ? dots : [label]));
    const unknown = wanted.find((label, i) => !all.includes(label) || wanted.indexOf(label) !== i);
    if (unknown !== undefined) {
      throw new InvalidArgumentError(
        `'${unknown}' on the right side of '${equation}' must be once in it, and on the left`,
      );
    }
    const [first, ...rest] = labelled.map(withoutRepeats) as [Labelled, ...Labelled[]];
    const neededAfter = (i: number) => new Set([...wanted, ...rest.slice(i).flatMap(({ labels }) => labels)]);
    let result = sumUnneeded(first, neededAfter(0));
    rest.forEach((next, i) => {
      const needed = neededAfter(i + 1);
      const operand = sumUnneeded(next, new Set([...needed, ...result.labels]));
      result = sumUnneeded(contract(result, operand, needed), needed);
    });
    return arrange(result, wanted);
  });
}
