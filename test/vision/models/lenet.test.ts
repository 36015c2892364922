import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import '../../support/setup.js';
import { LeNet } from '../../../src/vision/models/index.js';

const features = `  (features): Sequential(
    (0): Conv2D(1, 6, kernel_size=[3, 3], padding=1, data_format=NCHW)
    (1): ReLU()
    (2): MaxPool2D(kernel_size=2, stride=2, padding=0)
    (3): Conv2D(6, 16, kernel_size=[5, 5], data_format=NCHW)
    (4): ReLU()
    (5): MaxPool2D(kernel_size=2, stride=2, padding=0)
  )`;

describe('LeNet', () => {
  // Keys, shapes and text: Paddle 3.3.1.
  const convolutions: [string, number[]][] = [
    ['features.0.weight', [6, 1, 3, 3]],
    ['features.0.bias', [6]],
    ['features.3.weight', [16, 6, 5, 5]],
    ['features.3.bias', [16]],
  ];
  const classifier: [string, number[]][] = [
    ['fc.0.weight', [400, 120]],
    ['fc.0.bias', [120]],
    ['fc.1.weight', [120, 84]],
    ['fc.1.bias', [84]],
    ['fc.2.weight', [84, 10]],
    ['fc.2.bias', [10]],
  ];
  const shapes = (net: LeNet) => Object.entries(net.stateDict()).map(([key, { shape }]) => [key, shape]);

  it('has the parameters of Paddle', () => {
    const net = new LeNet();
    assert.deepEqual(shapes(net), [...convolutions, ...classifier]);
    assert.equal(
      net.parameters().reduce((sum, { size }) => sum + size, 0),
      61610,
    );
  });

  it('prints as in Paddle', () => {
    assert.equal(
      String(new LeNet()),
      `LeNet(
${features}
  (fc): Sequential(
    (0): Linear(in_features=400, out_features=120, dtype=float32)
    (1): Linear(in_features=120, out_features=84, dtype=float32)
    (2): Linear(in_features=84, out_features=10, dtype=float32)
  )
)`,
    );
    assert.equal(String(new LeNet({ numClasses: 0 })), `LeNet(\n${features}\n)`);
  });

  it('gives a logit for each class', () => {
    assert.deepEqual(new LeNet().forward(tf.zeros([2, 1, 28, 28])).shape, [2, 10]);
    assert.deepEqual(new LeNet({ numClasses: 3 }).forward(tf.zeros([1, 1, 28, 28])).shape, [1, 3]);
  });

  for (const numClasses of [0, -1]) {
    it(`leaves the classifier out for ${numClasses} classes`, () => {
      const net = new LeNet({ numClasses });
      assert.equal(net.fc, null);
      assert.deepEqual(shapes(net), convolutions);
      assert.deepEqual(net.forward(tf.zeros([2, 1, 28, 28])).shape, [2, 16, 5, 5]);
    });
  }

  it('has no function between the layers of the classifier', () => {
    const net = new LeNet();
    // Without biases the classifier is linear: f(-x) = -f(x).
    const x = tf.randomUniform([1, 400], -1, 1, 'float32', 1);
    const sum = tf.add(net.fc!.forward(x), net.fc!.forward(tf.neg(x)));
    assert.ok(Array.from(sum.dataSync()).every((value) => Math.abs(value) < 1e-5));
  });

  it('collects gradients in every parameter', () => {
    const net = new LeNet();
    tf.sum(tf.square(net.forward(tf.ones([2, 1, 28, 28])))).backward();
    for (const { name, grad, shape } of net.parameters()) assert.deepEqual(grad?.shape, shape, name);
  });

  const wrong: [string, () => unknown, string, RegExp][] = [
    [
      'half a class',
      () => new LeNet({ numClasses: 0.5 }),
      'INVALID_ARGUMENT',
      /numClasses must be an integer, got 0.5/,
    ],
    [
      'a misspelt option',
      () => new LeNet({ num_classes: 10 } as object),
      'UNKNOWN_OPTION',
      /LeNet has no option 'num_classes'; did you mean 'numClasses'\?/,
    ],
    [
      'colours',
      () => new LeNet().forward(tf.zeros([1, 3, 28, 28])),
      'SHAPE_MISMATCH',
      /takes 1 channels, got 3 in an input \[1, 3, 28, 28\]/,
    ],
    ['images of another size', () => new LeNet().forward(tf.zeros([1, 1, 32, 32])), 'SHAPE_MISMATCH', /400 features/],
  ];
  for (const [what, run, code, message] of wrong) {
    it(`refuses ${what}`, () => assert.throws(run, { code, message }));
  }
});
