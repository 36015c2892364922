/** Training of the networks of `vision.models` against the reference values. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { CrossEntropyLoss, Dropout, type AnyLayer, type Layer, type Parameter } from '../../src/nn/index.js';
import { Momentum } from '../../src/optimizer/index.js';
import { L2Decay } from '../../src/regularizer/index.js';
import * as models from '../../src/vision/models/index.js';
import { makeQuickly } from './networks.js';
import { assertClose, assertDigest, fill, image, labels, type Digest } from './oracle.js';

/** Gradient of a parameter in the first step. */
interface GradientDigest {
  readonly l2: number;
  readonly head: readonly number[];
  readonly noise: number;
}

/** What the job `training` has of a network. */
export interface TrainingCase {
  readonly input: readonly number[];
  readonly losses: readonly number[];
  /** How far rounding alone drives each loss. */
  readonly noise: readonly number[];
  readonly firstGrads: Readonly<Record<string, GradientDigest>>;
  /** Statistics of the first batch normalisation after the last step. */
  readonly firstStatistics: Readonly<Record<string, Digest>>;
}

/** Where rounding alone changes a number by more than this, it proves nothing. */
const mostNoise = 1e-2;
const classes = 10;

function makeNetwork(name: string): Layer {
  const batchNorm = name.endsWith('_bn');
  const make = (models as unknown as Record<string, (options: object) => AnyLayer>)[name.replace(/_bn$/, '')];
  assert.ok(make, `no model for the case ${name}`);
  const network = makeQuickly(() => make({ numClasses: classes, ...(batchNorm && { batchNorm }) })) as Layer;
  for (const layer of network.sublayers()) if (layer instanceof Dropout) layer.p = 0;
  fill(network);
  return network.train();
}

function assertGradient(parameter: Parameter, expected: GradientDigest, key: string): void {
  assert.ok(parameter.grad, `${key} has a gradient`);
  if (expected.noise > mostNoise) return;
  const values = parameter.grad.dataSync<'float32'>();
  const tolerance = Math.max(1e-3, 10 * expected.noise);
  const l2 = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  assertClose(l2, expected.l2, tolerance, `l2 norm of the gradient of ${key}`);
  // Rounding puts single activations on the other side of a kink, which moves the few elements that they reach by about
  // a hundredth and hardly shows in the norm.
  const distance = Math.hypot(...expected.head.map((wanted, index) => values[index]! - wanted));
  const typical = expected.l2 * Math.sqrt(expected.head.length / values.length);
  assert.ok(distance <= 20 * tolerance * typical, `first elements of the gradient of ${key} are ${distance} away`);
}

/** Trains a network for `steps` steps, or as many as the reference has, and checks losses, gradients and statistics. */
export function checkTraining(name: string, expected: TrainingCase, steps = Infinity): void {
  const network = makeNetwork(name);
  const optimizer = new Momentum({
    learningRate: 0.001,
    momentum: 0.9,
    parameters: network.parameters(),
    weightDecay: new L2Decay(1e-4),
  });
  const loss = new CrossEntropyLoss();
  let noise = 0;
  const count = Math.min(steps, expected.losses.length);
  for (let step = 0; step < count; step++) {
    noise = Math.max(noise, expected.noise[step]!);
    if (noise > mostNoise) break;
    const value = tf.tidy(() => {
      const x = image(`input${step % 4}`, expected.input);
      const result = loss.forward(network.forward(x), labels(`label${step % 4}`, expected.input[0]!, classes));
      result.backward();
      return result.item();
    });
    assertClose(value, expected.losses[step]!, Math.max(1e-4, 10 * noise), `loss of step ${step}`);
    if (step === 0) {
      const parameters = new Map(network.namedParameters());
      for (const [key, digest] of Object.entries(expected.firstGrads))
        assertGradient(parameters.get(key)!, digest, key);
    }
    optimizer.step();
    optimizer.clearGrad();
  }
  if (count === expected.losses.length && noise <= mostNoise) {
    const state = network.stateDict();
    for (const [key, digest] of Object.entries(expected.firstStatistics)) assertDigest(state[key]!, digest, 1e-3, key);
  }
  network.dispose();
}
