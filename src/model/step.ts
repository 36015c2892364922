/**
 * What is computed for one batch.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { detach } from '../autograd/backward.js';
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

/** Tensors of a step that outlive it, until its result has been read. */
interface HeldTensors {
  readonly losses: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly labels: readonly Tensor[];
}

/** What a step came to, once it is asked for: the engine may still compute when a step has been started. */
export type PendingResult<Result> = () => Result;

/** Holds on to tensors, whatever becomes of them, until `read` has run once. */
function whenAsked<Result>(tensors: HeldTensors, read: (held: HeldTensors) => Result): PendingResult<Result> {
  const hold = (list: readonly Tensor[]) => list.map((tensor) => tf.keep(detach(tensor)));
  const held = { losses: hold(tensors.losses), outputs: hold(tensors.outputs), labels: hold(tensors.labels) };
  return () => {
    try {
      return inScope(() => noGrad(() => read(held)));
    } finally {
      for (const tensor of Object.values(held).flat()) tensor.dispose();
    }
  };
}

function updateMetrics({ metrics }: StepParts, { outputs, labels }: HeldTensors) {
  return metrics.map((metric) => {
    const tensors = toTensorList('compute of a metric', metric.compute(...outputs, ...labels));
    return metric.update(...tensors.map((tensor) => ({ data: tensor.numpy(), shape: tensor.shape })));
  });
}

/** Reads losses and updates metrics. */
function measured(parts: StepParts, tensors: HeldTensors): PendingResult<StepResult> {
  return whenAsked(tensors, (held) => ({
    losses: held.losses.map((loss) => loss.item()),
    metrics: updateMetrics(parts, held),
  }));
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
 *
 * @param forward - computes the network's output
 */
export function trainStep(
  parts: StepParts,
  forward: (...inputs: Tensor[]) => unknown,
  optimizer: Optimizer,
  inputs: readonly BatchField[],
  labels: readonly BatchField[],
  update: boolean,
): PendingResult<StepResult> {
  return inScope(() => {
    parts.network.train();
    const targets = toTensors(labels);
    const outputs = toTensorList('forward', forward(...toTensors(inputs)));
    const losses = computeLosses(parts, outputs, targets);
    sumOf(losses).backward();
    if (update) {
      optimizer.step();
      optimizer.clearGrad();
    }
    return measured(parts, { losses, outputs, labels: targets });
  });
}

/** Evaluates a batch without recording gradients. All tensors made on the way are freed. */
export function evalStep(
  parts: StepParts,
  inputs: readonly BatchField[],
  labels: readonly BatchField[],
): PendingResult<StepResult> {
  return inScope(() =>
    noGrad(() => {
      parts.network.eval();
      const targets = toTensors(labels);
      const outputs = toTensorList('forward', parts.network.forward(...toTensors(inputs)));
      const losses = computeLosses(parts, outputs, targets);
      return measured(parts, { losses, outputs, labels: targets });
    }),
  );
}

/** The network's outputs for a batch, without recording gradients. All tensors made on the way are freed. */
export function predictStep(network: AnyLayer, inputs: readonly BatchField[]): PendingResult<NdArray[]> {
  return inScope(() =>
    noGrad(() => {
      network.eval();
      const outputs = toTensorList('forward', network.forward(...toTensors(inputs)));
      return whenAsked({ losses: [], outputs, labels: [] }, (held) => held.outputs.map(toNdArray));
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
