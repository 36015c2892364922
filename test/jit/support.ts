/** Networks that are trained with and without being recorded. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { seed } from '../../src/common/random.js';
import { Model } from '../../src/model/index.js';
import { CrossEntropyLoss, type AnyLayer } from '../../src/nn/index.js';
import { Momentum } from '../../src/optimizer/index.js';
import { fill, image, labels } from '../support/oracle.js';

/** Counts how often a class's own `forward` runs, until `restore`. */
export function countForwards(prototype: object): { count: () => number; restore: () => void } {
  const holder = prototype as { forward: (...inputs: unknown[]) => unknown };
  const { forward } = holder;
  let count = 0;
  holder.forward = function (this: unknown, ...inputs) {
    count++;
    return forward.apply(this, inputs);
  };
  return { count: () => count, restore: () => void (holder.forward = forward) };
}

/** A hook that does nothing but keep a network from being recorded. */
export function keepPlain<Network extends AnyLayer>(network: Network): Network {
  network.registerForwardPostHook(() => undefined);
  return network;
}

/** What a training came to, to be compared bit by bit. */
export interface TrainingTrace {
  readonly losses: number[];
  readonly state: Record<string, number[]>;
}

/** The state dict of a network as numbers. */
export function stateOf(network: AnyLayer): Record<string, number[]> {
  return Object.fromEntries(
    Object.entries(network.stateDict()).map(([name, tensor]) => [name, Array.from(tensor.numpy())]),
  );
}

/** A batch that the caller owns. */
export function batch(step: number, shape: readonly number[], classes = 10): [Tensor, Tensor] {
  return [image(`images${step}`, shape), labels(`labels${step}`, shape[0] ?? 0, classes)];
}

/**
 * Trains a network on batches of `shape`.
 *
 * @param between - called after each step with its number
 */
export function train<Network extends AnyLayer>(
  network: Network,
  shape: readonly number[],
  steps: number,
  between: (step: number, network: Network, model: Model) => void = () => undefined,
): TrainingTrace {
  seed(5);
  fill(network);
  const model = new Model(network).prepare(new Momentum({ learningRate: 0.01 }), new CrossEntropyLoss());
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const [images, classes] = batch(step, shape);
    losses.push(...model.trainBatch(images, classes));
    between(step, network, model);
    tf.dispose([images, classes]);
  }
  return { losses, state: stateOf(network) };
}
