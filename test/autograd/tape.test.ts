import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { setImmediate } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { settle } from '../support/memory.js';
import '../support/setup.js';
import * as autograd from '../../src/autograd/index.js';
import { grad, noGrad, enableGrad } from '../../src/autograd/index.js';
import { isRecording, releaseGraphAfter } from '../../src/autograd/tape.js';
import { Parameter } from '../../src/nn/parameter.js';

function leaf(...values: number[]): Tensor1D {
  const tensor = tf.tensor1d(values);
  tensor.stopGradient = false;
  return tensor;
}

const list = (tensor: Tensor | null | undefined) => (tensor ? Array.from(tensor.dataSync()) : tensor);

describe('backward', () => {
  it('gives the gradient of a composition', () => {
    const x = leaf(1, 2, 3);
    const y = tf.sum(tf.mul(tf.square(x), tf.scalar(2)));
    y.backward();
    assert.deepEqual(list(x.grad), [4, 8, 12]);
  });

  it('adds up over calls until the gradient is cleared', () => {
    const x = leaf(3);
    tf.sum(tf.square(x)).backward();
    tf.sum(tf.square(x)).backward();
    assert.deepEqual(list(x.grad), [12]);
    x.clearGrad(true);
    assert.deepEqual(list(x.grad), [0]);
    x.clearGrad();
    assert.equal(x.grad, null);
  });

  it('sums the paths of a tensor that is used several times', () => {
    const x = leaf(2);
    const y = tf.square(x);
    tf.sum(tf.add(tf.mul(y, x), y)).backward();
    assert.deepEqual(list(x.grad), [3 * 4 + 2 * 2]);
  });

  it('takes outputs that nothing depends on as zero', () => {
    const x = tf.tensor2d([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    x.stopGradient = false;
    const [, second] = tf.unstack(x);
    tf.sum(tf.square(second as Tensor1D)).backward();
    assert.deepEqual(list(x.grad), [0, 0, 6, 8, 0, 0]);
  });

  it('starts from the given gradient', () => {
    const x = leaf(1, 2);
    tf.square(x).backward({ gradTensor: tf.tensor1d([10, 100]) });
    assert.deepEqual(list(x.grad), [20, 400]);
  });

  it('starts from several tensors at once', () => {
    const x = leaf(1, 2);
    const y = tf.square(x);
    autograd.backward([y, tf.mul(y, x), x], { gradTensor: [tf.tensor1d([10, 100]), null, null] });
    // 10 2x + 3x^2 + 1
    assert.deepEqual(list(x.grad), [20 + 3 + 1, 400 + 12 + 1]);
    assert.throws(() => autograd.backward([y]), { code: 'GRADIENT', message: /retainGraph/ });
    assert.throws(() => autograd.backward([]), { code: 'GRADIENT' });
    const z = tf.square(x);
    assert.throws(() => autograd.backward([z, z], { gradTensor: [null, tf.scalar(1)] }), /gradTensor\[1\] must have/);
  });

  it('refuses a starting gradient of another shape', () => {
    assert.throws(() => tf.square(leaf(1, 2)).backward({ gradTensor: tf.tensor1d([1]) }), { code: 'SHAPE_MISMATCH' });
  });

  it('collects for leaves only', () => {
    const x = leaf(1);
    const y = tf.square(x);
    tf.sum(y).backward();
    assert.equal(y.grad, null);
  });

  it('frees the graph, or keeps it on demand', () => {
    const x = leaf(3);
    const y = tf.sum(tf.square(x));
    y.backward({ retainGraph: true });
    y.backward();
    assert.deepEqual(list(x.grad), [12]);
    assert.throws(() => y.backward(), { code: 'GRADIENT', message: /retainGraph/ });
  });

  it('refuses a tensor without a graph', () => {
    assert.throws(() => tf.scalar(1).backward(), { code: 'GRADIENT', message: /stopGradient = false/ });
  });

  it('names an operation that has no gradient', () => {
    const weights = leaf(1);
    const counts = tf.denseBincount(tf.tensor1d([0], 'int32'), weights, 1);
    assert.throws(() => tf.sum(counts).backward(), /operation DenseBincount has no gradient/);
  });

  it('does not flow through integers and booleans', () => {
    const x = leaf(1, 5, 3);
    assert.equal(tf.argMax(x).stopGradient, true);
    assert.equal(tf.greater(x, 2).stopGradient, true);
  });

  it('knows the unknown option', () => {
    assert.throws(() => tf.square(leaf(1)).backward({ retain: true } as object), { code: 'UNKNOWN_OPTION' });
  });
});

describe('stopGradient and detach', () => {
  it('is true for new tensors and false for what depends on a leaf', () => {
    assert.equal(tf.scalar(1).stopGradient, true);
    assert.equal(tf.square(leaf(1)).stopGradient, false);
    assert.equal(tf.square(tf.scalar(1)).stopGradient, true);
  });

  it('cuts a computed tensor off', () => {
    const x = leaf(2);
    const y = tf.square(x);
    tf.sum(tf.mul(y.detach(), x)).backward();
    assert.deepEqual(list(x.grad), [4]);
    y.stopGradient = true;
    assert.equal(tf.square(y).stopGradient, true);
  });

  it('detaches without a copy of the data', () => {
    const x = leaf(2);
    assert.equal(x.detach().dataId, x.dataId);
  });
});

describe('grad', () => {
  it('leaves every grad as it is', () => {
    const x = leaf(1, 2);
    const [gradient] = grad(tf.sum(tf.square(x)), x);
    assert.deepEqual(list(gradient), [2, 4]);
    assert.equal(x.grad, null);
  });

  it('gives gradients of gradients', () => {
    const x = leaf(2);
    const [first] = grad(tf.sum(tf.pow(x, tf.scalar(3))), x, { createGraph: true });
    const [second] = grad(first!, x);
    assert.deepEqual(list(second), [12]);
  });

  it('gives gradients of gradients that follow from the result', () => {
    const twice = (run: (x: Tensor) => Tensor) => {
      const x = leaf(0.5);
      const [first] = grad(run(x), x, { createGraph: true });
      return list(grad(first!, x)[0])![0]!;
    };
    const [t, s] = [Math.tanh(0.5), 1 / (1 + Math.exp(-0.5))];
    assert.ok(Math.abs(twice(tf.exp) - Math.exp(0.5)) < 1e-6);
    assert.ok(Math.abs(twice(tf.tanh) + 2 * t * (1 - t * t)) < 1e-6);
    assert.ok(Math.abs(twice(tf.sigmoid) - s * (1 - s) * (1 - 2 * s)) < 1e-6);
  });

  it('gives the gradient of an intermediate tensor', () => {
    const x = leaf(3);
    const y = tf.square(x);
    const [byY] = grad(tf.sum(tf.square(y)), y);
    assert.deepEqual(list(byY), [18]);
  });

  it('refuses or returns null for an unused input', () => {
    const x = leaf(1);
    const other = leaf(1);
    assert.throws(() => grad(tf.sum(tf.square(x)), [x, other]), /inputs\[1\] plays no part/);
    const [, unused] = grad(tf.sum(tf.square(x)), [x, other], { allowUnused: true });
    assert.equal(unused, null);
  });

  it('gives results that a surrounding scope frees', () => {
    const x = leaf(1);
    const before = tf.memory().numTensors;
    tf.tidy(() => void grad(tf.sum(tf.square(x)), x));
    assert.equal(tf.memory().numTensors, before);
  });
});

describe('noGrad and enableGrad', () => {
  it('switch recording', () => {
    const x = leaf(1);
    assert.ok(isRecording());
    noGrad(() => {
      assert.ok(!isRecording());
      assert.equal(tf.square(x).stopGradient, true);
      enableGrad(() => assert.equal(tf.square(x).stopGradient, false));
      assert.ok(!isRecording());
    });
    assert.ok(isRecording());
  });

  it('end with an exception', () => {
    assert.throws(() => noGrad(() => assert.fail('x')));
    assert.ok(isRecording());
  });

  it('refuse a promise, also one that rejects', async () => {
    assert.throws(() => noGrad(() => Promise.reject(new Error('lost'))), {
      code: 'INVALID_ARGUMENT',
      message: /synchronous/,
    });
    await setImmediate();
  });
});

describe('beside TensorFlow.js', () => {
  it('leaves tf.grad, tf.variableGrads and optimizers as they are', () => {
    assert.deepEqual(list(tf.grad((x) => tf.sum(tf.square(x)))(tf.tensor1d([1, 2]))), [2, 4]);
    const second = tf.grad((x) => tf.sum(tf.grad((y) => tf.sum(tf.pow(y, tf.scalar(3))))(x)));
    assert.deepEqual(list(second(tf.tensor1d([2]))), [12]);
    const variable = tf.variable(tf.scalar(2));
    const { grads } = tf.variableGrads(() => tf.square(variable));
    assert.deepEqual(list(grads[variable.name]), [4]);
    tf.train.sgd(0.5).minimize(() => tf.square(variable));
    assert.equal(variable.item(), 0);
    assert.ok(isRecording());
    variable.dispose();
  });

  it('works inside and around them', () => {
    const x = leaf(3);
    const outer = tf.grad((y) => {
      return tf.sum(tf.square(y));
    });
    assert.deepEqual(list(outer(x)), [6]);
    tf.sum(tf.square(x)).backward();
    assert.deepEqual(list(x.grad), [6]);
  });

  it('flows through tf.customGrad', () => {
    const cube = tf.customGrad((...args: unknown[]) => {
      const [x, save] = args as [Tensor, (tensors: Tensor[]) => void];
      save([x]);
      return { value: tf.pow(x, 3), gradFunc: (dy, [saved]) => tf.mul(dy, tf.mul(5, saved!)) };
    });
    const x = leaf(2);
    tf.sum(cube(x)).backward();
    assert.deepEqual(list(x.grad), [10]);
  });

  it('goes on after tf.engine().reset()', () => {
    // In a process of its own: a reset takes the backend and every tensor of this one.
    const script = `
      import * as tf from '@tensorflow/tfjs-core';
      import '@tensorflow/tfjs-backend-cpu';
      import './src/tensor/methods.ts';
      tf.engine().reset();
      tf.setBackend('cpu');
      const x = tf.scalar(3);
      x.stopGradient = false;
      tf.square(x).backward();
      console.log(x.grad.item());`;
    const run = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    assert.equal(run.stdout, '6\n', run.stderr);
  });
});

describe('memory', () => {
  const count = () => tf.memory().numTensors;

  it('is flat in scopes, with and without backward', () => {
    const x = leaf(1, 2, 3);
    tf.tidy(() => tf.sum(tf.square(x)).backward());
    const before = count();
    for (let i = 0; i < 20; i++) tf.tidy(() => tf.sum(tf.square(x)).backward());
    assert.equal(count(), before);
    for (let i = 0; i < 20; i++) releaseGraphAfter(() => tf.tidy(() => void tf.sum(tf.square(tf.exp(x)))));
    assert.equal(count(), before);
  });

  it('holds nothing for operations that no gradient flows through', () => {
    const x = tf.tensor1d([1, 2, 3]);
    const before = count();
    tf.tidy(() => void tf.sum(tf.mul(tf.exp(x), tf.square(x))));
    assert.equal(count(), before);
  });

  it('holds nothing of what a custom gradient saved when no gradient flows', () => {
    const cube = tf.customGrad((...args: unknown[]) => {
      const [input, save] = args as [Tensor, (tensors: Tensor[]) => void];
      save([input]);
      return { value: tf.pow(input, 3), gradFunc: (dy, [saved]) => tf.mul(dy, saved!) };
    });
    const x = tf.tensor1d([1, 2]);
    const before = count();
    for (let i = 0; i < 10; i++) tf.tidy(() => void cube(x));
    assert.equal(count(), before);
  });

  it('is freed when nothing refers to a tensor any more, with its graph', async () => {
    const x = leaf(1, 2, 3);
    await settle();
    const before = count();
    for (let i = 0; i < 100; i++) tf.sum(tf.square(tf.exp(x)));
    assert.ok(count() > before + 50);
    await settle();
    assert.ok(count() <= before + 5, `${count() - before} tensors remain`);
  });

  it('is bounded in a loop that never calls backward', async () => {
    const x = tf.ones([250_000]);
    x.stopGradient = false;
    let peak = 0;
    for (let i = 0; i < 1500; i++) {
      tf.relu(x);
      if (i % 10 === 0) await setImmediate();
      peak = Math.max(peak, tf.memory().numBytes);
    }
    assert.ok(peak < 1.2e9, `peak of ${peak} bytes`);
  });
});

describe('Parameter', () => {
  it('is told from other variables', () => {
    const parameter = new Parameter(tf.scalar(1), { name: 'linear_0.w_0' });
    assert.ok(parameter instanceof Parameter);
    assert.ok(parameter instanceof tf.Variable);
    const variable = tf.variable(tf.scalar(1));
    assert.ok(!(variable instanceof Parameter));
    variable.dispose();
    parameter.dispose();
  });

  it('has one truth for trainable and stopGradient', () => {
    const parameter = new Parameter(tf.scalar(1), { name: 'w', trainable: false });
    assert.equal(parameter.stopGradient, true);
    parameter.trainable = true;
    assert.equal(parameter.stopGradient, false);
    parameter.stopGradient = true;
    assert.equal(parameter.trainable, false);
  });

  it('keeps earlier clones and reads when it changes', () => {
    const parameter = new Parameter(tf.tensor1d([1, 2]), { name: 'w' });
    const clone = parameter.clone();
    const read = parameter.numpy();
    parameter.setValue(tf.tensor1d([3, 4]));
    assert.deepEqual(list(clone), [1, 2]);
    assert.deepEqual(Array.from(read), [1, 2]);
    assert.deepEqual(list(parameter), [3, 4]);
  });

  it('names shapes that do not fit', () => {
    const parameter = new Parameter(tf.tensor1d([1, 2]), { name: 'w' });
    assert.throws(() => parameter.setValue(tf.scalar(1)), { code: 'SHAPE_MISMATCH', message: /w has shape \[2\]/ });
  });

  it('may share its name, also with a variable of TensorFlow.js', () => {
    const variable = tf.variable(tf.scalar(1), true, 'shared');
    const parameter = new Parameter(tf.scalar(2), { name: 'shared' });
    parameter.dispose();
    assert.equal(tf.engine().registeredVariables.shared, variable);
    variable.dispose();
  });

  it('frees its storage', () => {
    const before = tf.memory().numTensors;
    const parameter = tf.tidy(() => new Parameter(tf.tensor1d([1, 2]), { name: 'w' }));
    assert.equal(tf.memory().numTensors, before + 1);
    tf.sum(tf.square(parameter)).backward();
    parameter.dispose();
    parameter.dispose();
    assert.ok(parameter.isDisposed);
    assert.equal(parameter.grad, null);
  });
});
