import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import '../../support/setup.js';
import { makeQuickly } from '../../support/networks.js';
import { googlenet } from '../../../src/vision/models/index.js';

describe('GoogLeNet', () => {
  it('leaves pools and classifiers out', () => {
    const x = tf.zeros([1, 3, 96, 96]);
    const shapes = (outputs: tf.Tensor[]) => outputs.map(({ shape }) => shape);
    assert.deepEqual(shapes(makeQuickly(() => googlenet({ numClasses: 0 })).forward(x)), [
      [1, 1024, 1, 1],
      [1, 512, 1, 1],
      [1, 528, 1, 1],
    ]);
    assert.deepEqual(shapes(makeQuickly(() => googlenet({ numClasses: 0, withPool: false })).forward(x)), [
      [1, 1024, 2, 2],
      [1, 512, 5, 5],
      [1, 528, 5, 5],
    ]);
  });

  it('multiplies by the share that stays, instead of dropping, in evaluation', () => {
    const network = makeQuickly(() => googlenet({ numClasses: 2 }));
    for (const dropout of [network._drop, network._drop_o1, network._drop_o2]) {
      assert.match(String(dropout), /^Dropout\(p=0\.[47], axis=None, mode=downscale_in_infer, inplace=False\)$/);
    }
  });
});
