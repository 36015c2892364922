import '../support/setup.js';
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { DeviceError, InvalidArgumentError } from '../../src/common/errors.js';
import {
  activate,
  backendNames,
  batchNormTraining,
  convolution2d,
  engineBackend,
  requestedEngine,
  selectDefaultBackend,
  selectEngine,
} from '../../src/engine/index.js';
import { input } from '../kernels/reference.js';

/** Runs `fn` with PADDLEWHEEL_ENGINE set. */
function withEngineVariable(value: string | undefined, fn: () => void): void {
  const before = process.env.PADDLEWHEEL_ENGINE;
  const set = (text: string | undefined) => {
    if (text === undefined) delete process.env.PADDLEWHEEL_ENGINE;
    else process.env.PADDLEWHEEL_ENGINE = text;
  };
  set(value);
  try {
    fn();
  } finally {
    set(before);
  }
}

describe('selection of the engine', () => {
  afterEach(() => selectDefaultBackend());

  it('makes the backend of the engine the active one', () => {
    selectEngine('js');
    assert.equal(tf.getBackend(), 'cpu');
    assert.equal(engineBackend(), undefined);
    selectEngine('wasm');
    assert.equal(tf.getBackend(), backendNames.wasm);
    assert.equal(engineBackend(), tf.backend());
  });

  it('takes compiled kernels unless PADDLEWHEEL_ENGINE asks for another engine', () => {
    for (const nothing of [undefined, '']) {
      withEngineVariable(nothing, () => {
        assert.equal(requestedEngine(), undefined);
        selectDefaultBackend();
        assert.ok(engineBackend());
      });
    }
    withEngineVariable('js', () => {
      selectDefaultBackend();
      assert.equal(tf.getBackend(), 'cpu');
    });
    withEngineVariable('cuda', () => assert.throws(requestedEngine, InvalidArgumentError));
  });

  it('keeps the active backend when another is not available', () => {
    const before = tf.getBackend();
    const failing = 'test-failing';
    tf.registerBackend(failing, () => {
      throw new Error('not on this machine');
    });
    const { warn } = console;
    console.warn = () => undefined;
    try {
      assert.throws(() => activate('test-unknown'), DeviceError);
      assert.throws(() => activate(failing), DeviceError);
    } finally {
      console.warn = warn;
      tf.removeBackend(failing);
    }
    assert.equal(tf.getBackend(), before);
    assert.deepEqual([...tf.square(tf.tensor1d([3])).dataSync()], [9]);
  });
});

describe('results', () => {
  /** One step of a small network, forward and backward: the bits of everything that it computes. */
  function bitsOfStep(): Int32Array[] {
    return tf.tidy(() => {
      const inputs = [
        input('x', [4, 13, 11, 5]),
        input('filter', [3, 3, 5, 19]),
        input('scale', [19]),
        input('shift', [19]),
        input('weights', [13 * 11 * 19, 10]),
      ].map(({ tensor }) => tensor);
      const network = (x: Tensor, filter: Tensor, scale: Tensor, shift: Tensor, weights: Tensor) => {
        const geometry = { strides: [1, 1], padding: [1, 1, 1, 1], dilations: [1, 1], groups: 1 } as const;
        const features = convolution2d(x as Tensor4D, filter as Tensor4D, geometry);
        const [normal] = batchNormTraining(features, scale as Tensor1D, shift as Tensor1D, { epsilon: 1e-5 });
        return tf.mean(tf.square(tf.softmax(tf.matMul(tf.reshape(tf.relu(normal), [4, -1]), weights))));
      };
      const { value, grads } = tf.valueAndGrads(network)(inputs);
      return [value, ...grads].map((tensor) => new Int32Array((tensor.dataSync() as Float32Array).slice().buffer));
    });
  }

  it('are the same bits for the same inputs, wherever in memory these lie', () => {
    const first = bitsOfStep();
    const between = [tf.zeros([12345]), tf.fill([777], NaN)];
    const second = bitsOfStep();
    tf.dispose(between);
    assert.deepEqual(second, first);
    assert.deepEqual(bitsOfStep(), first);
  });
});
