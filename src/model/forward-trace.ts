/**
 * What the layers of a network get and give in a forward pass.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { noGrad } from '../autograd/index.js';
import type { AnyLayer } from '../nn/layer/layer.js';

/** Gets the inputs and the output of a call of a layer. */
export type LayerVisitor = (layer: AnyLayer, inputs: readonly unknown[], output: unknown) => void;

/**
 * Calls a network once, in evaluation mode and without gradients, and shows each call of the given layers. Everything is as
 * before afterwards; the tensors made on the way are freed.
 *
 * @param makeInputs - arguments of the network
 */
export function traceForward(
  network: AnyLayer,
  layers: readonly AnyLayer[],
  makeInputs: () => unknown[],
  visit: LayerVisitor,
): void {
  const modes = [network, ...network.sublayers()].map((layer) => [layer, layer.training] as const);
  const hooks = layers.map((layer) =>
    layer.registerForwardPostHook((called, inputs, output) => {
      visit(called, inputs, output);
    }),
  );
  network.eval();
  try {
    tf.tidy(() => {
      noGrad(() => {
        network.forward(...makeInputs());
      });
    });
  } finally {
    for (const hook of hooks) hook.remove();
    for (const [layer, training] of modes) layer.training = training;
  }
}

/** True for a tensor. */
export function isTensor(value: unknown): value is Tensor {
  return value instanceof tf.Tensor;
}
