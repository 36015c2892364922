import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import '../../support/setup.js';
import { noGrad } from '../../../src/autograd/index.js';
import { Model } from '../../../src/model/index.js';
import { Conv2D, CrossEntropyLoss, Dropout, Layer, Linear, Sequential } from '../../../src/nn/index.js';
import type { AnyLayer } from '../../../src/nn/layer/layer.js';
import { Momentum } from '../../../src/optimizer/index.js';
import * as models from '../../../src/vision/models/index.js';
import { FeatureExtractor, LeNet, replaceHead, resnet18 } from '../../../src/vision/models/index.js';
import { makeQuickly } from '../../support/networks.js';

const shapesOf = (network: AnyLayer) =>
  Object.entries(network.stateDict()).map(([key, { shape }]) => `${key} [${shape.join(', ')}]`);

const digits = () => tf.randomUniform([4, 1, 28, 28], -1, 1, 'float32', 1);

describe('replaceHead', () => {
  for (const name of ['alexnet', 'densenet121', 'googlenet', 'inception_v3', 'mobilenet_v1', 'mobilenet_v2'] as const) {
    check(name, models[name]);
  }
  for (const name of ['mobilenet_v3_small', 'mobilenet_v3_large', 'shufflenet_v2_x0_25', 'squeezenet1_1'] as const) {
    check(name, models[name]);
  }
  check('resnet18', resnet18);
  check('vgg11', models.vgg11);

  function check(name: string, build: (options: { readonly numClasses: number }) => AnyLayer): void {
    it(`makes ${name} what its builder makes for that number of classes`, () => {
      const network = makeQuickly(() => build({ numClasses: 7 }));
      makeQuickly(() => replaceHead(network, 3));
      assert.deepEqual(shapesOf(network), shapesOf(makeQuickly(() => build({ numClasses: 3 }))));
    });
  }

  it('trains the new layer alone when the rest is frozen', () => {
    const network = replaceHead(new LeNet(), 3, { freeze: true });
    const model = new Model(network).prepare(new Momentum({ learningRate: 0.1 }), new CrossEntropyLoss());
    const values = () =>
      Object.entries(network.stateDict()).map(([key, tensor]) => [key, [...tensor.dataSync()]] as const);
    const before = new Map(values());
    model.trainBatch([digits()], [tf.tensor2d([0, 1, 2, 1], [4, 1], 'int32')], { update: false });
    const withGradient = [...network.namedParameters()].filter(([, { grad }]) => grad).map(([key]) => key);
    assert.deepEqual(withGradient, ['fc.2.weight', 'fc.2.bias']);
    model.trainBatch([digits()], [tf.tensor2d([0, 1, 2, 1], [4, 1], 'int32')]);
    for (const [key, after] of values()) {
      if (key.startsWith('fc.2.')) assert.notDeepEqual(after, before.get(key), key);
      else assert.deepEqual(after, before.get(key), key);
    }
  });

  it('keeps what it does not replace, and frees what it does', () => {
    const network = new LeNet();
    const before = network.stateDict();
    const { numTensors } = tf.memory();
    replaceHead(network, 4);
    assert.equal(tf.memory().numTensors, numTensors);
    for (const [key, tensor] of Object.entries(network.stateDict())) {
      assert.equal(tensor === before[key], !key.startsWith('fc.2.'), key);
    }
  });

  it('takes the path of a layer in any network', () => {
    const network = new Sequential(new Linear(6, 5), new Dropout(0.1), new Linear(5, 4, { biasAttr: false }));
    replaceHead(network, 2, { head: '2' });
    assert.deepEqual(shapesOf(network), ['0.weight [6, 5]', '0.bias [5]', '2.weight [5, 2]']);
    replaceHead(network, 3, { head: ['0', '2'] });
    assert.deepEqual(shapesOf(network), ['0.weight [6, 3]', '0.bias [3]', '2.weight [5, 3]']);
  });

  it('refuses what it cannot replace, and changes nothing then', () => {
    const network = new Sequential(new Linear(6, 5), new Conv2D(3, 4, 3));
    const shapes = shapesOf(network);
    assert.throws(() => replaceHead(network, 2), {
      code: 'INVALID_ARGUMENT',
      message: /Sequential does not say.*head/,
    });
    assert.throws(() => replaceHead(network, 2, { head: 'fc', freeze: true }), /no layer 'fc'; its parts are '0', '1'/);
    assert.throws(
      () => replaceHead(network, 2, { head: ['0', '1'], freeze: true }),
      /'1' must be a Linear or a Conv2D/,
    );
    assert.throws(() => replaceHead(network, 0, { head: '0' }), /numClasses/);
    assert.throws(() => replaceHead(network, 2, { heads: '0' } as object), { code: 'UNKNOWN_OPTION' });
    assert.throws(() => replaceHead(resnet18({ numClasses: 0 }), 2), /no layer 'fc'/);
    assert.deepEqual(shapesOf(network), shapes);
    assert.ok(network.parameters().every(({ trainable }) => trainable));
  });
});

describe('FeatureExtractor', () => {
  it('gives the outputs of layers at any depth', () => {
    const network = makeQuickly(() => resnet18({ numClasses: 4 })).eval();
    const extractor = new FeatureExtractor(network, ['layer1.0.conv1', 'layer2', 'fc']);
    const x = tf.randomUniform([2, 3, 64, 64], -1, 1, 'float32', 1);
    const outputs = noGrad(() => extractor.forward(x));
    assert.deepEqual(outputs['layer1.0.conv1'].shape, [2, 64, 16, 16]);
    assert.deepEqual(outputs.layer2.shape, [2, 128, 8, 8]);
    assert.deepEqual(outputs.fc.dataSync(), noGrad(() => network.forward(x)).dataSync());
    const rest = noGrad(() =>
      [network.layer3, network.layer4].reduce<Tensor>((y, stage) => stage.forward(y), outputs.layer2),
    );
    assert.deepEqual(noGrad(() => network.fc!.forward(tf.mean(rest, [2, 3]))).shape, [2, 4]);
  });

  it('frees nothing that it gives, and all the rest', () => {
    const extractor = new FeatureExtractor(new LeNet(), ['features.0', 'features.3', 'fc']);
    const x = digits();
    const { numTensors } = tf.memory();
    tf.tidy(() => {
      const outputs = noGrad(() => extractor.forward(x));
      for (const output of Object.values(outputs)) assert.equal(output.dataSync().length, output.size);
    });
    assert.equal(tf.memory().numTensors, numTensors);
    const outputs = noGrad(() => extractor.forward(x));
    assert.equal(tf.memory().numTensors, numTensors + 3);
    tf.dispose(outputs);
  });

  it('passes gradients on', () => {
    const network = new LeNet();
    const extractor = new FeatureExtractor(network, ['features.3']);
    tf.tidy(() => tf.sum(extractor.forward(digits())['features.3']).backward());
    const withGradient = [...network.namedParameters()].filter(([, { grad }]) => grad).map(([key]) => key);
    assert.deepEqual(withGradient, ['features.0.weight', 'features.0.bias', 'features.3.weight', 'features.3.bias']);
  });

  it('is a layer around the network', () => {
    const network = new LeNet();
    assert.deepEqual(new FeatureExtractor(network, ['fc']).parameters(), network.parameters());
  });

  it('refuses layers that are not there, do not run, or give no tensor', () => {
    const network = new (class extends Layer {
      used = new Linear(2, 2);
      unused = new Linear(2, 2);
      pair = new (class extends Layer<[Tensor], Tensor[]> {
        override forward(x: Tensor) {
          return [x, tf.neg(x)];
        }
      })();
      override forward(x: Tensor) {
        return this.pair.forward(this.used.forward(x))[1]!;
      }
    })();
    const x = tf.zeros([1, 2]);
    const { numTensors } = tf.memory();
    assert.throws(() => new FeatureExtractor(network, ['fc']), /no layer 'fc'; its parts are 'used', 'unused', 'pair'/);
    assert.throws(() => new FeatureExtractor(network, []), /names must be an array/);
    assert.throws(
      () => noGrad(() => new FeatureExtractor(network, ['used', 'unused']).forward(x)),
      /'unused' does not run/,
    );
    assert.throws(
      () => noGrad(() => new FeatureExtractor(network, ['used', 'pair']).forward(x)),
      /'pair' must give one tensor/,
    );
    assert.equal(tf.memory().numTensors, numTensors);
  });
});
