import assert from 'node:assert/strict';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { noGrad } from '../../src/autograd/index.js';
import {
  AdaptiveAvgPool2D,
  AdaptiveMaxPool2D,
  AvgPool2D,
  BatchNorm2D,
  Conv2D,
  CrossEntropyLoss,
  Dropout,
  Flatten,
  Identity,
  Linear,
  LogSoftmax,
  MaxPool2D,
  ReLU,
  Sequential,
  Sigmoid,
  Softmax,
  Tanh,
} from '../../src/nn/index.js';
import { LeNet } from '../../src/vision/models/index.js';
import { inputs } from './support.js';

type Run = (x: Tensor) => unknown;

describe('memory', () => {
  const label = tf.tensor1d([0, 1], 'int32');
  const loss = new CrossEntropyLoss();
  const weighted = new CrossEntropyLoss({ weight: tf.ones([6]), ignoreIndex: 1 });
  const smoothed = new CrossEntropyLoss({ labelSmoothing: 0.1 });
  const layers: [string, { forward: Run }, number[]][] = [
    ['ReLU', new ReLU(), [2, 6]],
    ['Sigmoid', new Sigmoid(), [2, 6]],
    ['Tanh', new Tanh(), [2, 6]],
    ['Softmax along axis 0', new Softmax(0), [2, 6]],
    ['LogSoftmax', new LogSoftmax(), [2, 6]],
    ['Linear', new Linear(6, 3), [2, 6]],
    ['Linear over three axes', new Linear(6, 3), [2, 2, 6]],
    ['Dropout', new Dropout(), [2, 6]],
    ['Dropout in evaluation', new Dropout().eval(), [2, 6]],
    ['Flatten', new Flatten(), [2, 2, 3]],
    ['Identity', new Identity(), [2, 6]],
    ['Conv2D', new Conv2D(2, 3, 3, { padding: 1 }), [1, 2, 5, 5]],
    ['Conv2D in groups', new Conv2D(2, 4, 3, { groups: 2 }), [1, 2, 5, 5]],
    ['Conv2D with reflection', new Conv2D(2, 3, 3, { padding: 1, paddingMode: 'reflect' }), [1, 2, 5, 5]],
    ['MaxPool2D', new MaxPool2D(2), [1, 2, 5, 5]],
    ['AvgPool2D', new AvgPool2D(2, { padding: 1, ceilMode: true, exclusive: false }), [1, 2, 5, 5]],
    ['AdaptiveAvgPool2D', new AdaptiveAvgPool2D(2), [1, 2, 5, 5]],
    ['AdaptiveMaxPool2D', new AdaptiveMaxPool2D(2), [1, 2, 5, 5]],
    ['BatchNorm2D', new BatchNorm2D(2), [1, 2, 5, 5]],
    ['BatchNorm2D in evaluation', new BatchNorm2D(2).eval(), [1, 2, 5, 5]],
    ['BatchNorm2D without attributes', new BatchNorm2D(2, { weightAttr: false, biasAttr: false }), [1, 2, 5, 5]],
    ['Sequential', new Sequential(new Linear(6, 3), new ReLU(), new Linear(3, 1)), [2, 6]],
    ['LeNet', new LeNet(), [2, 1, 28, 28]],
    ['CrossEntropyLoss', { forward: (x) => loss.forward(x, label) }, [2, 6]],
    ['CrossEntropyLoss with weights', { forward: (x) => weighted.forward(x, label) }, [2, 6]],
    ['CrossEntropyLoss with smoothing', { forward: (x) => smoothed.forward(x, label) }, [2, 6]],
  ];
  for (const [name, layer, shape] of layers) {
    it(`grows by the output of ${name}`, () => {
      const x = inputs(...shape);
      // The second call: the first may set up what stays.
      noGrad(() => layer.forward(x));
      const before = tf.memory().numTensors;
      noGrad(() => layer.forward(x));
      assert.equal(tf.memory().numTensors, before + 1);
    });
  }

  it('grows by both outputs of pooling with indices', () => {
    const pool = new MaxPool2D(2, { returnMask: true });
    const x = inputs(1, 2, 4, 4);
    const before = tf.memory().numTensors;
    noGrad(() => pool.forward(x));
    assert.equal(tf.memory().numTensors, before + 2);
  });

  it('does not grow when a layer fails', () => {
    const net = new Sequential(new Linear(6, 3), new ReLU(), new Linear(4, 1));
    const x = inputs(2, 6);
    const before = tf.memory().numTensors;
    noGrad(() => assert.throws(() => net.forward(x), { code: 'SHAPE_MISMATCH' }));
    assert.equal(tf.memory().numTensors, before);
  });
});
