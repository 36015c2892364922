import assert from 'node:assert/strict';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { NdArray } from '../../src/common/ndarray.js';
import { BatchNorm1D, Layer, Linear, Sequential } from '../../src/nn/index.js';
import { captureWarnings } from '../support/warnings.js';
import { assertTensor, elements, weights } from './support.js';

/** Parameters, buffers of both kinds, sublayers, one of them twice. */
class Net extends Layer {
  first = new Linear(2, 2);
  w = this.createParameter([2]);
  inner = new Sequential(new Linear(2, 2), this.first);
  declare buf: Tensor;
  declare tmp: Tensor;
  norm: BatchNorm1D;

  constructor() {
    super();
    this.registerBuffer('buf', tf.zeros([2]));
    this.registerBuffer('tmp', tf.zeros([2]), { persistable: false });
    this.norm = new BatchNorm1D(2);
  }
}

describe('stateDict', () => {
  // Order and keys: Paddle 3.3.1, for the same class.
  const keys = [
    'w',
    'buf',
    'first.weight',
    'first.bias',
    'inner.0.weight',
    'inner.0.bias',
    'inner.1.weight',
    'inner.1.bias',
    'norm.weight',
    'norm.bias',
    'norm._mean',
    'norm._variance',
  ];

  it('has own parameters, own buffers, then sublayers; shared ones under each name', () => {
    const net = new Net();
    const state = net.stateDict();
    assert.deepEqual(Object.keys(state), keys);
    assert.equal(state['first.weight'], net.first.weight);
    assert.equal(state['inner.1.weight'], net.first.weight);
    assert.equal(state.buf, net.buf);
  });

  it('takes a prefix as it is', () => {
    assert.deepEqual(
      Object.keys(new Net().stateDict({ structuredNamePrefix: 'm.' })),
      keys.map((key) => `m.${key}`),
    );
  });

  it('stays at the layer itself', () => {
    assert.deepEqual(Object.keys(new Net().stateDict({ includeSublayers: false })), ['w', 'buf']);
  });

  it('refuses unknown options', () => {
    assert.throws(() => new Net().stateDict({ include_sublayers: false } as object), {
      code: 'UNKNOWN_OPTION',
      message: /'includeSublayers'/,
    });
  });
});

describe('setStateDict', () => {
  const names = ['setStateDict', 'setDict', 'loadDict'] as const;
  for (const name of names) {
    it(`takes over values, as ${name}`, async () => {
      const from = new Net();
      from.norm._mean.setValue(tf.tensor1d([3, 4]));
      from.buf = tf.tensor1d([5, 6]);
      const to = new Net();
      const warnings = await captureWarnings(() => {
        assert.deepEqual(to[name](from.stateDict()), { missingKeys: [], unexpectedKeys: [] });
      });
      assert.deepEqual(warnings, []);
      for (const [key, value] of Object.entries(from.stateDict())) {
        assert.deepEqual(elements(to.stateDict()[key]!), elements(value), key);
      }
      assert.deepEqual(elements(to.buf), [5, 6]);
      assert.deepEqual(elements(to.norm._mean), [3, 4]);
    });
  }

  it('copies: later changes of one layer do not reach the other', () => {
    const from = new Linear(2, 1);
    const to = new Linear(2, 1);
    to.setStateDict(from.stateDict());
    const kept = elements(from.weight);
    from.weight.setValue(tf.zeros([2, 1]));
    assert.deepEqual(elements(to.weight), kept);
    assert.notEqual(to.weight, from.weight);
  });

  it('takes arrays', () => {
    const linear = new Linear(2, 1);
    linear.setStateDict({
      weight: new NdArray(Float32Array.of(1, 2), [2, 1]),
      bias: new NdArray(Float32Array.of(3), [1]),
    });
    assertTensor(linear.weight, [2, 1], [1, 2]);
    assertTensor(linear.bias!, [1], [3]);
    const net = new Sequential(new Net());
    net.setStateDict({ ...new Sequential(new Net()).stateDict(), '0.buf': new NdArray(Float32Array.of(7, 8), [2]) });
    assertTensor((net.at(0) as unknown as Net).buf, [2], [7, 8]);
  });

  it('warns of what is missing and of other shapes, and goes on', async () => {
    const linear = new Linear(2, 3);
    const kept = elements(linear.weight);
    // Texts and keys: Paddle 3.3.1.
    const warnings = await captureWarnings(() => {
      assert.deepEqual(linear.setStateDict({ weight: tf.zeros([3, 2]), extra: tf.zeros([1]) }), {
        missingKeys: ['weight', 'bias'],
        unexpectedKeys: ['weight', 'extra'],
      });
    });
    assert.deepEqual(warnings, [
      'Skip loading for weight. weight receives a shape [3, 2], but the expected shape is [2, 3].',
      'Skip loading for bias. bias is not found in the provided dict.',
    ]);
    assert.deepEqual(elements(linear.weight), kept);
    await captureWarnings(() => linear.setStateDict({ bias: tf.tensor1d([1, 2, 3]) }));
    assert.deepEqual(elements(linear.bias!), [1, 2, 3]);
    assert.deepEqual(elements(linear.weight), kept);
  });

  it('matches the names of parameters', () => {
    const linear = new Linear(2, 1, { weightAttr: 'state_weight' });
    const state = { state_weight: weights(2, 1), [linear.bias!.name]: tf.tensor1d([9]) };
    assert.deepEqual(linear.setStateDict(state, { useStructuredName: false }), { missingKeys: [], unexpectedKeys: [] });
    assertTensor(linear.weight, [2, 1], [-3, -2]);
    assertTensor(linear.bias!, [1], [9]);
  });

  it('refuses another type', () => {
    const linear = new Linear(2, 1, { biasAttr: false });
    assert.throws(() => linear.setStateDict({ weight: tf.zeros([2, 1], 'int32') }), {
      code: 'INVALID_ARGUMENT',
      message: 'weight must be float32, got int32',
    });
  });

  it('keeps no tensors but those of the layer', () => {
    const linear = new Linear(2, 1);
    const before = tf.memory().numTensors;
    linear.setStateDict({
      weight: new NdArray(Float32Array.of(1, 2), [2, 1]),
      bias: new NdArray(Float32Array.of(3), [1]),
    });
    assert.equal(tf.memory().numTensors, before);
  });

  it('refuses unknown options', () => {
    const linear = new Linear(1, 1);
    assert.throws(() => linear.setStateDict(linear.stateDict(), { use_structured_name: false } as object), {
      code: 'UNKNOWN_OPTION',
      message: /'useStructuredName'/,
    });
  });
});

describe('a parameter assigned to itself', () => {
  it('keeps its values', () => {
    const linear = new Linear(2, 1);
    linear.weight.setValue(tf.tensor2d([[1], [2]]));
    linear.setStateDict(linear.stateDict());
    linear.weight.setValue(linear.weight.clone());
    assertTensor(linear.weight, [2, 1], [1, 2]);
  });
});
