import '../support/setup.js';
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { getDevice, info, setDevice, type Device } from '../../src/device/index.js';
import { CrossEntropyLoss } from '../../src/nn/index.js';
import { Momentum } from '../../src/optimizer/index.js';
import { LeNet } from '../../src/vision/models/index.js';
import { image, labels } from '../support/oracle.js';

const device = process.env.PADDLEWHEEL_TEST_DEVICE as Device | undefined;

describe('a device of TensorFlow', () => {
  if (!device) {
    it('needs one of the optional packages: npm run test:tensorflow');
    return;
  }

  it('computes', () => {
    assert.deepEqual([getDevice(), tf.getBackend(), info().engine], [device, 'tensorflow', 'tensorflow']);
    assert.equal(tf.square(tf.scalar(3)).item(), 9);
  });

  it('takes tensors over from the engine and back', () => {
    const values = [1, -2, 3.5];
    const here = tf.tensor1d(values);
    setDevice('cpu');
    try {
      assert.equal(getDevice(), 'cpu');
      assert.deepEqual([...tf.neg(here).dataSync()], [-1, 2, -3.5]);
      const there = tf.mul(here, 2);
      setDevice(device);
      assert.deepEqual([...tf.add(there, here).dataSync()], [3, -6, 10.5]);
    } finally {
      setDevice(device);
    }
  });

  it("leaves the library's own gradients and kernels in place", () => {
    const product = (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b);
    const [da, db] = tf.grads(product)([tf.ones([2, 1, 3, 4]), tf.ones([5, 4, 2])], tf.ones([2, 5, 3, 2]));
    assert.deepEqual(
      [da!.shape, db!.shape],
      [
        [2, 1, 3, 4],
        [5, 4, 2],
      ],
    );
    assert.ok(da!.dataSync().every((value) => value === 10));
    assert.ok(db!.dataSync().every((value) => value === 6));
  });

  it('frees everything of a step', () => {
    const network = new LeNet();
    const optimizer = new Momentum({ learningRate: 0.01, parameters: network.parameters() });
    const step = () => {
      tf.tidy(() => {
        const output = network.forward(image('input', [4, 1, 28, 28]));
        new CrossEntropyLoss().forward(output, labels('label', 4, 10)).backward();
      });
      optimizer.step();
      optimizer.clearGrad();
      return tf.memory().numTensors;
    };
    step();
    const before = step();
    for (let i = 0; i < 5; i++) assert.equal(step(), before);
    network.dispose();
  });
});
