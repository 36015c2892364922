import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import '../../support/setup.js';
import { makeQuickly } from '../../support/networks.js';
import * as models from '../../../src/vision/models/index.js';
import { weightsOf } from '../../../src/vision/models/pretrained.js';

const { weights } = JSON.parse(readFileSync(new URL('../../oracle/model-variants.json', import.meta.url), 'utf8')) as {
  weights: Record<string, [url: string, md5: string]>;
};

/** Paddle's names of weights that are not those of the builder. */
const paddleNames: Record<string, string> = {
  mobilenet_v1: 'mobilenetv1_1.0',
  mobilenet_v2: 'mobilenetv2_1.0',
  mobilenet_v3_small: 'mobilenet_v3_small_x1.0',
  mobilenet_v3_large: 'mobilenet_v3_large_x1.0',
};

describe('listModels', () => {
  it('knows every builder of Paddle', () => {
    const known = ['vgg11', 'vgg13', ...Object.keys(weights)].map(
      (name) => Object.entries(paddleNames).find(([, paddle]) => paddle === name)?.[0] ?? name,
    );
    assert.deepEqual(models.listModels(), known.sort());
  });
});

describe('trained weights', () => {
  const builders = models as unknown as Record<string, object>;
  for (const name of models.listModels()) {
    it(`of ${name} are those of Paddle`, () => {
      const expected = weights[paddleNames[name] ?? name];
      assert.deepEqual(weightsOf(builders[name]!), expected && { url: expected[0], md5: expected[1] });
    });
  }

  it('are there for a scale of 1 alone', () => {
    for (const name of Object.keys(paddleNames)) {
      assert.ok(weightsOf(builders[name]!, { scale: 1 }));
      assert.equal(weightsOf(builders[name]!, { scale: 0.5 }), undefined);
    }
  });
});

describe('options of the models', () => {
  const wrong: [string, () => unknown, string, RegExp][] = [
    [
      'another depth of DenseNet',
      () => new models.DenseNet({ layers: 100 }),
      'INVALID_ARGUMENT',
      /layers must be one of 121, 161, 169, 201, 264, got 100/,
    ],
    [
      'more than all dropped',
      () => models.densenet121({ dropout: 2 }),
      'INVALID_ARGUMENT',
      /dropout must be a number between 0 and 1, got 2/,
    ],
    [
      'a depth that the name fixes',
      () => models.densenet121({ layers: 161 } as object),
      'UNKNOWN_OPTION',
      /densenet121 has no option 'layers'/,
    ],
    [
      'another version of SqueezeNet',
      () => new models.SqueezeNet('1.2' as '1.1'),
      'INVALID_ARGUMENT',
      /version must be one of '1\.0', '1\.1', got "1\.2"/,
    ],
    [
      'another scale of ShuffleNetV2',
      () => new models.ShuffleNetV2({ scale: 3 }),
      'INVALID_ARGUMENT',
      /scale must be one of 0\.25, 0\.33, 0\.5, 1, 1\.5, 2, got 3/,
    ],
    [
      'another activation of ShuffleNetV2',
      () => models.shufflenet_v2_x1_0({ act: 'gelu' as 'relu' }),
      'INVALID_ARGUMENT',
      /act must be one of 'relu', 'swish', got "gelu"/,
    ],
    [
      'an activation that the name fixes',
      () => models.shufflenet_v2_swish({ act: 'relu' } as object),
      'UNKNOWN_OPTION',
      /shufflenet_v2_swish has no option 'act'/,
    ],
    [
      'a negative scale',
      () => models.mobilenet_v2({ scale: -1 }),
      'INVALID_ARGUMENT',
      /scale must be a number of at least 0, got -1/,
    ],
    [
      'a pool of AlexNet',
      () => models.alexnet({ withPool: false } as object),
      'UNKNOWN_OPTION',
      /alexnet has no option/,
    ],
  ];
  for (const [what, run, code, message] of wrong) {
    it(`refuse ${what}`, () => assert.throws(run, { code, message }));
  }

  it('may leave the pool of DenseNet and the classifier of SqueezeNet out', () => {
    const dense = makeQuickly(() => models.densenet121({ withPool: false, numClasses: 0 }));
    assert.deepEqual(dense.forward(tf.zeros([1, 3, 64, 64])).shape, [1, 1024, 2, 2]);
    const squeeze = makeQuickly(() => models.squeezenet1_1({ numClasses: -1 }));
    assert.deepEqual(squeeze.forward(tf.zeros([1, 3, 64, 64])).shape, [1, 512]);
  });
});
