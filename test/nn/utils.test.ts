import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { Conv2D, initializer, Linear, Parameter, ParameterDict, utils } from '../../src/nn/index.js';
import { assertTensor, elements, inputs } from './support.js';

const parameter = (values: number[]) => new Parameter(tf.tensor1d(values), { name: 'p' });

function withGradients(...gradients: number[][]): Parameter[] {
  return gradients.map((gradient) => {
    const one = parameter(gradient.map(() => 0));
    tf.sum(tf.mul(one, tf.tensor1d(gradient))).backward();
    return one;
  });
}

describe('parameters as a vector', () => {
  it('go there and back', () => {
    const layer = new Linear(2, 3);
    const vector = utils.parametersToVector(layer.parameters());
    assertTensor(vector, [9], [...elements(layer.weight), 0, 0, 0]);
    utils.vectorToParameters(tf.range(0, 9), layer.parameters());
    assertTensor(layer.weight, [2, 3], [0, 1, 2, 3, 4, 5]);
    assertTensor(layer.bias!, [3], [6, 7, 8]);
    assert.throws(() => utils.vectorToParameters(tf.zeros([8]), layer.parameters()), { code: 'SHAPE_MISMATCH' });
  });
});

describe('clipGradNorm and clipGradValue', () => {
  it('scale by the norm of all gradients', () => {
    const [a, b] = withGradients([3, 0], [0, 4]) as [Parameter, Parameter];
    assertTensor(utils.clipGradNorm([a, b], 1), [], [5]);
    assertTensor(a.grad!, [2], [0.6, 0], 1e-5);
    assertTensor(b.grad!, [2], [0, 0.8], 1e-5);
    assertTensor(utils.clipGradNorm([a, b], 2), [], [1], 1e-5);
    assertTensor(a.grad!, [2], [0.6, 0], 1e-5);
    assertTensor(utils.clipGradNorm(b, 0.4, { normType: Infinity }), [], [0.8], 1e-5);
    assertTensor(b.grad!, [2], [0, 0.4], 1e-5);
  });

  it('refuse what is not finite when asked to', () => {
    const all = withGradients([Infinity, 1]);
    assert.throws(() => utils.clipGradNorm(all, 1, { errorIfNonfinite: true }), { code: 'GRADIENT' });
  });

  it('move elements into a range', () => {
    const [a] = withGradients([3, -0.5]) as [Parameter];
    utils.clipGradValue([a], 1);
    assertTensor(a.grad!, [2], [1, -0.5]);
  });
});

describe('weightNorm', () => {
  it('computes the same with lengths and directions', () => {
    const layer = new Conv2D(2, 3, 3);
    const x = inputs(1, 2, 4, 4);
    const [before, weight] = [elements(layer.forward(x)), elements(layer.weight)];
    utils.weightNorm(layer);
    assert.deepEqual(Object.keys(layer.stateDict()), ['bias', 'weight_g', 'weight_v']);
    assertTensor(layer.forward(x), [1, 3, 2, 2], before, 1e-5);
    const { weight_g: g } = layer.stateDict();
    assert.deepEqual(g?.shape, [3]);
    tf.tidy(() => (g as Parameter).setValue(tf.mul(g, 2)));
    const bias = layer.bias!;
    assertTensor(
      layer.forward(x),
      [1, 3, 2, 2],
      before.map((value) => 2 * value),
      1e-5,
    );
    tf.sum(layer.forward(x)).backward();
    // Directions have no gradient along themselves.
    const v = layer.stateDict().weight_v as Parameter;
    const along = tf.sum(tf.mul(v, v.grad!), [1, 2, 3]);
    elements(along).forEach((value) => assert.ok(Math.abs(value) < 1e-3));
    assert.ok((g as Parameter).grad && bias.grad);
    utils.removeWeightNorm(layer);
    assert.deepEqual(Object.keys(layer.stateDict()), ['bias', 'weight']);
    assertTensor(
      layer.weight,
      [3, 2, 3, 3],
      weight.map((value) => 2 * value),
      1e-5,
    );
    assert.throws(() => utils.removeWeightNorm(layer), {
      code: 'INVALID_ARGUMENT',
      message: /no weight normalisation/,
    });
  });
});

describe('spectralNorm', () => {
  it('divides by the largest singular value', () => {
    const layer = new Linear(2, 2, { biasAttr: false });
    // Singular values 3 and 1.
    layer.weight.setValue(
      tf.tensor2d([
        [3, 0],
        [0, 1],
      ]),
    );
    utils.spectralNorm(layer, { nPowerIterations: 30 });
    assert.deepEqual(Object.keys(layer.stateDict()), ['weight_orig', 'weight_u', 'weight_v']);
    assertTensor(layer.forward(tf.tensor2d([[1, 1]])), [1, 2], [1, 1 / 3], 1e-4);
    layer.eval();
    const u = elements(layer.stateDict().weight_u!);
    tf.sum(layer.forward(tf.tensor2d([[1, 1]]))).backward();
    assert.deepEqual(elements(layer.stateDict().weight_u!), u);
    // d sum(x W / s) / dW with s = u W v: ones / 3, less the share of s.
    assertTensor((layer.stateDict().weight_orig as Parameter).grad!, [2, 2], [-1 / 9, 1 / 3, 1 / 3, 1 / 3], 1e-4);
    assert.throws(() => utils.spectralNorm(layer), { code: 'INVALID_ARGUMENT' });
  });
});

describe('structured initialisers', () => {
  it('Dirac hands channels on', () => {
    const conv = new Conv2D(2, 4, 3, { padding: 1, weightAttr: new initializer.Dirac({ groups: 2 }) });
    const x = inputs(1, 2, 3, 3);
    assertTensor(conv.forward(x), [1, 4, 3, 3], [...elements(x), ...elements(x)]);
    assert.throws(() => new initializer.Dirac({ groups: 3 }).values([4, 2, 3, 3]), { code: 'INVALID_ARGUMENT' });
  });

  it('Orthogonal gives orthogonal rows or columns', () => {
    for (const [rows, columns] of [
      [3, 5],
      [5, 3],
    ] as const) {
      const values = tf.tensor2d(new initializer.Orthogonal({ gain: 2 }).values([rows, columns]), [rows, columns]);
      const product = tf.matMul(values, values, rows > columns, rows < columns);
      assertTensor(product, [3, 3], [4, 0, 0, 0, 4, 0, 0, 0, 4], 1e-5);
    }
  });

  it('Bilinear gives the filter of linear interpolation', () => {
    const values = new initializer.Bilinear().values([1, 1, 4, 4]);
    const line = [0.25, 0.75, 0.75, 0.25];
    assertTensor(
      tf.tensor1d(values),
      [16],
      line.flatMap((a) => line.map((b) => a * b)),
    );
    assert.throws(() => new initializer.Bilinear().values([1, 1, 4, 3]), { code: 'SHAPE_MISMATCH' });
  });
});

describe('ParameterDict', () => {
  it('registers parameters by name', () => {
    const dict = new ParameterDict({ a: parameter([1]) }).set('b', parameter([2]));
    assert.deepEqual(Object.keys(dict.stateDict()), ['a', 'b']);
    assert.equal(dict.length, 2);
    assert.equal(dict.get('b')?.item(), 2);
    assert.throws(() => dict.set('a.b', parameter([1])), { code: 'INVALID_ARGUMENT' });
  });
});
