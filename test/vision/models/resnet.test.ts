import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import '../../support/setup.js';
import { makeQuickly } from '../../support/networks.js';
import { Layer } from '../../../src/nn/index.js';
import { Momentum } from '../../../src/optimizer/index.js';
import {
  BasicBlock,
  BottleneckBlock,
  ResNet,
  resnet18,
  resnet50,
  resnext50_32x4d,
} from '../../../src/vision/models/index.js';

describe('ResNet', function () {
  // Gradients take long in plain JavaScript.
  this.timeout(60_000);

  it('leaves pool and classifier out', () => {
    const x = tf.zeros([2, 3, 32, 32]);
    assert.deepEqual(makeQuickly(() => resnet18({ numClasses: 0 })).forward(x).shape, [2, 512, 1, 1]);
    assert.deepEqual(
      makeQuickly(() => resnet18({ numClasses: -1, withPool: false })).forward(tf.zeros([1, 3, 64, 64])).shape,
      [1, 512, 2, 2],
    );
    assert.deepEqual(makeQuickly(() => resnet18({ numClasses: 3 })).forward(x).shape, [2, 3]);
  });

  it('takes another classifier', () => {
    const network = makeQuickly(() => resnet18({ numClasses: 0 }));
    network.fc = new (class extends Layer {
      override forward(x: tf.Tensor) {
        return tf.sum(x, 1, true);
      }
    })();
    assert.deepEqual(network.forward(tf.zeros([2, 3, 32, 32])).shape, [2, 1]);
  });

  it('takes blocks of another kind', () => {
    const plain = Object.assign(
      class extends BasicBlock {
        override forward(x: tf.Tensor) {
          return this.bn1.forward(this.conv1.forward(x));
        }
      },
      { expansion: 1 },
    );
    assert.deepEqual(
      makeQuickly(() => new ResNet(plain, { depth: 18, numClasses: 4 })).forward(tf.zeros([1, 3, 32, 32])).shape,
      [1, 4],
    );
  });

  it('collects gradients in every trained parameter', () => {
    const network = resnet18({ numClasses: 2 });
    tf.sum(tf.square(network.forward(tf.randomUniform([2, 3, 32, 32], -1, 1, 'float32', 1)))).backward();
    for (const { name, grad, shape, trainable } of network.parameters()) {
      assert.deepEqual(grad?.shape, trainable ? shape : undefined, name);
    }
  });

  it('trains a new classifier alone', () => {
    const network = resnet18({ numClasses: 3 });
    for (const [name, parameter] of network.namedParameters()) {
      if (!name.startsWith('fc.')) parameter.trainable = false;
    }
    const values = (names: string[]) => names.map((name) => Array.from(network.stateDict()[name]!.dataSync()));
    const frozen = values(['conv1.weight', 'layer4.1.bn2.bias']);
    const head = values(['fc.weight', 'fc.bias']);
    const optimizer = new Momentum({ learningRate: 0.1, parameters: network.parameters() });
    const x = tf.randomUniform([2, 3, 32, 32], -1, 1, 'float32', 1);
    tf.sum(tf.square(network.forward(x))).backward();
    assert.deepEqual(
      Array.from(network.namedParameters())
        .filter(([, { grad }]) => grad !== null)
        .map(([name]) => name),
      ['fc.weight', 'fc.bias'],
    );
    optimizer.step();
    assert.deepEqual(values(['conv1.weight', 'layer4.1.bn2.bias']), frozen);
    values(['fc.weight', 'fc.bias']).forEach((now, i) => assert.notDeepEqual(now, head[i]));
  });

  const wrong: [string, () => unknown, string, RegExp][] = [
    [
      'another depth',
      () => new ResNet(BottleneckBlock, { depth: 20 }),
      'INVALID_ARGUMENT',
      /depth must be one of 18, 34, 50, 101, 152, got 20/,
    ],
    ['half a class', () => resnet18({ numClasses: 1.5 }), 'INVALID_ARGUMENT', /numClasses must be an integer, got 1.5/],
    [
      'a number as withPool',
      () => resnet18({ withPool: 1 as unknown as boolean }),
      'INVALID_ARGUMENT',
      /withPool must be true or false, got 1/,
    ],
    [
      'a misspelt option',
      () => resnet50({ num_classes: 10 } as object),
      'UNKNOWN_OPTION',
      /resnet50 has no option 'num_classes'; did you mean 'numClasses'\?/,
    ],
    [
      'a width that the name fixes',
      () => resnext50_32x4d({ width: 64 } as object),
      'UNKNOWN_OPTION',
      /resnext50_32x4d has no option 'width'/,
    ],
    ['a depth that the name fixes', () => resnet50({ depth: 18 } as object), 'UNKNOWN_OPTION', /has no option 'depth'/],
    [
      'a dilated basic block',
      () => new BasicBlock(8, 8, { dilation: 2 }),
      'INVALID_ARGUMENT',
      /dilation of BasicBlock must be 1, got 2/,
    ],
    [
      'a misspelt option of a block',
      () => new BottleneckBlock(8, 8, { strides: 2 } as object),
      'UNKNOWN_OPTION',
      /BottleneckBlock has no option 'strides'; did you mean 'stride'\?/,
    ],
    [
      'images without colours',
      () => makeQuickly(() => resnet18()).forward(tf.zeros([1, 1, 32, 32])),
      'SHAPE_MISMATCH',
      /takes 3 channels, got 1/,
    ],
  ];
  for (const [what, run, code, message] of wrong) {
    it(`refuses ${what}`, () => assert.throws(run, { code, message }));
  }
});
