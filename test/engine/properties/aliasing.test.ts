import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { engineBackend } from '../../../src/engine/index.js';
import { BatchNorm2D, Conv2D, Layer, Linear, Parameter } from '../../../src/nn/index.js';
import { Adam, Momentum, SGD, type Optimizer, type OptimizerOptions } from '../../../src/optimizer/index.js';
import { describeEngines } from '../../support/engines.js';
import { numbers, samples } from '../../support/properties.js';

/**
 * Whoever holds a clone, a view or an array of a parameter keeps what it had, whatever an optimizer or a layer changes
 * in place; and whoever holds a parameter sees the change.
 */
const optimizers: Record<string, (options: OptimizerOptions) => Optimizer> = {
  SGD: (options) => new SGD(options),
  Momentum: (options) => new Momentum(options),
  'Momentum with decay': (options) => new Momentum({ ...options, useNesterov: true, weightDecay: 0.1 }),
  Adam: (options) => new Adam(options),
};

const shape = [4, 3, 2, 2];

/** Ways to hold on to the values of a tensor, and how they lie then. */
const holders: Record<string, (x: Tensor) => Tensor> = {
  clone: (x) => tf.clone(x),
  detach: (x) => x.detach(),
  'reshaped view': (x) => tf.reshape(x, [-1]),
  'transposed view': (x) => tf.transpose(x, [2, 3, 1, 0]),
  'view there and back': (x) => tf.transpose(tf.transpose(x, [0, 2, 3, 1]), [0, 3, 1, 2]),
  'result of an operation': (x) => tf.add(x, 0),
  'part along the first axis': (x) => tf.slice(x, [1], [2]),
};

const actions = fc.constantFrom(
  ...Object.keys(holders),
  ...['step', 'step', 'step', 'read', 'numpy', 'set', 'dispose a holder', 'write to a read array', 'write to a source'],
);

interface Held {
  readonly tensor: Tensor;
  readonly expected: number[];
  readonly what: string;
}

function checkSequence(makeOptimizer: (options: OptimizerOptions) => Optimizer, sequence: readonly string[]): void {
  const source = numbers('parameter', shape);
  const initial = tf.tensor(source, shape);
  const parameter = new Parameter(initial, { name: 'p' });
  initial.dispose();
  const optimizer = makeOptimizer({ learningRate: 0.1, parameters: [parameter] });
  const held: Held[] = [];
  const read: { values: ArrayLike<number>; expected: number[]; what: string }[] = [];
  const history: string[] = [];
  let steps = 0;
  for (const action of sequence) {
    history.push(action);
    const what = history.join(', ');
    const holder = holders[action];
    if (holder) {
      const tensor = holder(parameter);
      held.push({ tensor, expected: Array.from(tensor.dataSync()), what });
    } else if (action === 'read' || action === 'numpy') {
      const values = action === 'read' ? parameter.dataSync() : parameter.numpy();
      read.push({ values, expected: Array.from(values), what });
    } else if (action === 'step') {
      const before = Array.from(parameter.dataSync());
      const weights = tf.tensor(numbers(`weights ${steps++}`, shape), shape);
      tf.tidy(() => tf.sum(tf.mul(parameter, weights)).backward());
      weights.dispose();
      optimizer.step();
      optimizer.clearGrad();
      assert.notDeepEqual(Array.from(parameter.dataSync()), before, `${what}: the step changes the parameter`);
    } else if (action === 'set') {
      const values = numbers(`set ${steps++}`, shape);
      const tensor = tf.tensor(values, shape);
      parameter.setValue(tensor);
      // The tensor stays the caller's, and shares storage with the parameter.
      held.push({ tensor, expected: Array.from(values), what });
    } else if (action === 'dispose a holder') {
      held.shift()?.tensor.dispose();
    } else if (engineBackend()) {
      // TensorFlow.js's own backend hands its arrays out.
      if (action === 'write to a source') source.fill(1e9);
      else {
        const last = read.pop();
        if (last) (last.values as Float32Array).fill(1e9);
      }
    }
  }
  assert.ok(
    parameter.dataSync().every((value) => Math.abs(value) < 1e6),
    `${history.join(', ')}: nobody else's array is the parameter's`,
  );
  for (const { tensor, expected, what } of held) {
    assert.deepEqual(Array.from(tensor.dataSync()), expected, `held after ${what}, then ${history.join(', ')}`);
  }
  parameter.dispose();
  // The memory of what is disposed is used again; what was read or held does not change with it.
  const others = Array.from({ length: 8 }, () => tf.fill(shape, -7));
  for (const { values, expected, what } of read) assert.deepEqual(Array.from(values), expected, `read after ${what}`);
  for (const { tensor, expected, what } of held) {
    assert.deepEqual(Array.from(tensor.dataSync()), expected, `held after ${what}, the parameter gone`);
  }
  tf.dispose(others);
  held.forEach(({ tensor }) => tensor.dispose());
}

class Block extends Layer {
  conv = new Conv2D(2, 3, 3);
  norm = new BatchNorm2D(3);

  override forward(x: Tensor): Tensor {
    return this.norm.forward(this.conv.forward(x));
  }
}

/** Layers, with everything that a training step changes in place, and the shape of an input. */
const layers: Record<string, [make: () => Layer, input: number[]]> = {
  'convolution and batch normalisation': [() => new Block(), [4, 2, 6, 5]],
  linear: [() => new Linear(5, 3), [4, 5]],
};

describeEngines('storage that is changed in place', () => {
  for (const [name, make] of Object.entries(optimizers)) {
    it(`leaves whoever holds the old values alone: ${name}`, () => {
      fc.assert(
        fc.property(fc.array(actions, { minLength: 2, maxLength: 14 }), (sequence) => checkSequence(make, sequence)),
        samples(25),
      );
    });
  }

  for (const [name, [make, input]] of Object.entries(layers)) {
    it(`is not that of a state dict's clones: ${name}`, () => {
      const network = make();
      const optimizer = new Momentum({ learningRate: 0.1, parameters: network.parameters() });
      const state = Object.entries(network.stateDict());
      const step = () => {
        const x = tf.tensor(numbers('x', input), input);
        tf.tidy(() => tf.sum(tf.square(network.forward(x))).backward());
        optimizer.step();
        optimizer.clearGrad();
        x.dispose();
      };
      step();
      const kept = state.map(([key, tensor]) => ({
        key,
        clone: tf.clone(tensor),
        before: Array.from(tensor.dataSync()),
      }));
      step();
      step();
      for (const [index, { key, clone, before }] of kept.entries()) {
        assert.deepEqual(Array.from(clone.dataSync()), before, key);
        assert.notDeepEqual(Array.from(state[index]![1].dataSync()), before, `${key} is changed by steps`);
      }
      tf.dispose(kept.map(({ clone }) => clone));
      network.dispose();
    });
  }
});
