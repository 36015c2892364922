/**
 * What is computed for one batch.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { noGrad } from '../autograd/index.js';
import { releaseGraphAfter } from '../autograd/tape.js';
import { InvalidArgumentError } from '../common/errors.js';
import type { NdArray } from '../common/ndarray.js';
import type { Metric, MetricValue } from '../metric/index.js';
import { Layer, type AnyLayer } from '../nn/layer/layer.js';
import type { Optimizer } from '../optimizer/index.js';
import { toNdArray, toTensorList, toTensors, type BatchField } from './fields.js';

/** A loss as a function of the network's outputs, followed by the labels. */
export type LossFunction = (...outputsAndLabels: Tensor[]) => Tensor | readonly Tensor[];

/** A loss: a layer or a function. Of several tensors that it returns, the sum is trained on. */
export type Loss = AnyLayer | LossFunction;

/** What a step computes with. */
export interface StepParts {
  readonly network: AnyLayer;
  readonly loss: Loss | null;
  readonly metrics: readonly Metric[];
}

/** What came of a batch: its losses, and for each metric what its `update` returned. */
export interface StepResult {
  readonly losses: readonly number[];
  readonly metrics: readonly (MetricValue | undefined)[];
}

function computeLosses({ loss }: StepParts, outputs: readonly Tensor[], labels: readonly Tensor[]): Tensor[] {
  if (loss === null) return [];
  const result = loss instanceof Layer ? loss.forward(...outputs, ...labels) : loss(...outputs, ...labels);
  return toTensorList('loss', result);
}

function updateMetrics({ metrics }: StepParts, outputs: readonly Tensor[], labels: readonly Tensor[]) {
  return metrics.map((metric) => {
    const computed = noGrad(() => metric.compute(...outputs, ...labels));
    const tensors = toTensorList('compute of a metric', computed);
    return metric.update(...tensors.map((tensor) => ({ data: tensor.numpy(), shape: tensor.shape })));
  });
}

/** The sum of the losses. */
function sumOf(losses: readonly Tensor[]): Tensor {
  for (const loss of losses) {
    if (loss.size === 1) continue;
    throw new InvalidArgumentError(
      `loss must return tensors of one element (reduction 'mean' or 'sum'), got shape [${loss.shape.join(', ')}]`,
    );
  }
  return losses.reduce((sum, loss) => tf.add(sum, loss));
}

/**
 * Trains on a batch: forward, loss, backward, and with `update` the optimizer's step, which also clears the gradients.
 * Without it they stay, and later ones add to them.
 *
 * All tensors made on the way are freed; the inputs stay the caller's.
 */
export function trainStep(
  parts: StepParts,
  optimizer: Optimizer,
  inputs: readonly BatchField[],
  labels: readonly BatchField[],
  update: boolean,
): StepResult {
  return inScope(() => {
    parts.network.train();
    const targets = toTensors(labels);
    const outputs = toTensorList('forward', parts.network.forward(...toTensors(inputs)));
    const losses = computeLosses(parts, outputs, targets);
    sumOf(losses).backward();
    if (update) {
      optimizer.step();
      optimizer.clearGrad();
    }
    return { losses: losses.map((loss) => loss.item()), metrics: updateMetrics(parts, outputs, targets) };
  });
}

/** Evaluates a batch without recording gradients. All tensors made on the way are freed. */
export function evalStep(parts: StepParts, inputs: readonly BatchField[], labels: readonly BatchField[]): StepResult {
  return inScope(() =>
    noGrad(() => {
      parts.network.eval();
      const targets = toTensors(labels);
      const outputs = toTensorList('forward', parts.network.forward(...toTensors(inputs)));
      const losses = computeLosses(parts, outputs, targets);
      return { losses: losses.map((loss) => loss.item()), metrics: updateMetrics(parts, outputs, targets) };
    }),
  );
}

/** The network's outputs for a batch, without recording gradients. All tensors made on the way are freed. */
export function predictStep(network: AnyLayer, inputs: readonly BatchField[]): NdArray[] {
  return inScope(() =>
    noGrad(() => {
      network.eval();
      return toTensorList('forward', network.forward(...toTensors(inputs))).map(toNdArray);
    }),
  );
}

/** Runs `fn`; frees the tensors made in it and what the tape kept of them. */
function inScope<T>(fn: () => T): T {
  // tf.tidy would search the whole result, number by number, for tensors to keep.
  tf.engine().startScope();
  try {
    return releaseGraphAfter(fn);
  } finally {
    tf.engine().endScope();
  }
}
