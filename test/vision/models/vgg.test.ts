import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import '../../support/setup.js';
import { makeQuickly } from '../../support/networks.js';
import { VGG, vgg11 } from '../../../src/vision/models/index.js';

describe('VGG', () => {
  it('leaves pool and classifier out', () => {
    const x = tf.zeros([2, 3, 32, 32]);
    assert.deepEqual(makeQuickly(() => vgg11({ numClasses: 0 })).forward(x).shape, [2, 512, 7, 7]);
    assert.deepEqual(makeQuickly(() => vgg11({ numClasses: 0, withPool: false })).forward(x).shape, [2, 512, 1, 1]);
  });

  it('is made of any features', () => {
    const features = VGG.makeLayers([4, 'M', 8], { batchNorm: true });
    // Paddle 3.3.1: str(make_layers([4, 'M', 8], batch_norm=True)).
    assert.equal(
      String(features),
      `Sequential(
  (0): Conv2D(3, 4, kernel_size=[3, 3], padding=1, data_format=NCHW)
  (1): BatchNorm2D(num_features=4, momentum=0.9, epsilon=1e-05)
  (2): ReLU()
  (3): MaxPool2D(kernel_size=2, stride=2, padding=0)
  (4): Conv2D(4, 8, kernel_size=[3, 3], padding=1, data_format=NCHW)
  (5): BatchNorm2D(num_features=8, momentum=0.9, epsilon=1e-05)
  (6): ReLU()
)`,
    );
    const network = new VGG(features, { numClasses: 0, withPool: false });
    assert.deepEqual(network.forward(tf.zeros([1, 3, 8, 8])).shape, [1, 8, 4, 4]);
  });

  it('refuses misspelt options', () => {
    assert.throws(() => vgg11({ batch_norm: true } as object), {
      code: 'UNKNOWN_OPTION',
      message: /vgg11 has no option 'batch_norm'; did you mean 'batchNorm'\?/,
    });
    assert.throws(() => VGG.makeLayers([], { batchNorm: 1 as unknown as boolean }), {
      code: 'INVALID_ARGUMENT',
      message: /batchNorm must be true or false, got 1/,
    });
  });
});
