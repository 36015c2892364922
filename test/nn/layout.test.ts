/** How networks written in NCHW lie in the engine's memory: channels last throughout. */
import '../support/setup.js';
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { engineBackend, materializedBytes } from '../../src/engine/index.js';
import {
  AdaptiveAvgPool2D,
  BatchNorm2D,
  Conv2D,
  CrossEntropyLoss,
  Layer,
  Linear,
  MaxPool2D,
  functional as F,
  type Parameter,
} from '../../src/nn/index.js';
import { Adam, Momentum, SGD, type Optimizer } from '../../src/optimizer/index.js';
import { flatten } from '../../src/tensor/index.js';
import { resnet50 } from '../../src/vision/models/index.js';
import { input } from '../kernels/reference.js';
import { describeCompiledEngines } from '../support/engines.js';

/** A stem, a residual block with a projection, and a classifier. */
class ResidualNetwork extends Layer {
  stem = new Conv2D(3, 8, 3, { padding: 1, biasAttr: false });
  stemNorm = new BatchNorm2D(8);
  pool = new MaxPool2D(2, 2);
  first = new Conv2D(8, 16, 3, { stride: 2, padding: 1 });
  firstNorm = new BatchNorm2D(16);
  second = new Conv2D(16, 16, 3, { padding: 1 });
  projection = new Conv2D(8, 16, 1, { stride: 2 });
  mean = new AdaptiveAvgPool2D(1);
  classifier = new Linear(16, 10);

  override forward(x: Tensor): Tensor {
    x = this.pool.forward(F.relu(this.stemNorm.forward(this.stem.forward(x))));
    const branch = this.second.forward(F.relu(this.firstNorm.forward(this.first.forward(x))));
    x = F.relu(tf.add(branch, this.projection.forward(x)));
    return this.classifier.forward(flatten(this.mean.forward(x), { startAxis: 1 }));
  }
}

const images = (size = 12) => input('images', [2, 3, size, size]);
const inputBytes = 2 * 3 * 12 * 12 * 4;

function trainStep(network: Layer, optimizer: Optimizer, size?: number): void {
  tf.tidy(() => {
    const labels = tf.tensor1d([1, 9], 'int32');
    new CrossEntropyLoss().forward(network.forward(images(size).tensor), labels).backward();
    optimizer.step();
    optimizer.clearGrad();
  });
}

/** Bytes that are moved between layouts while `fn` runs. */
function bytesMoved(fn: () => unknown): number {
  const before = materializedBytes();
  fn();
  return materializedBytes() - before;
}

const optimizers = {
  SGD: (network: Layer) => new SGD({ learningRate: 0.1, parameters: network.parameters() }),
  Momentum: (network: Layer) =>
    new Momentum({ learningRate: 0.1, weightDecay: 0.01, parameters: network.parameters() }),
  Adam: (network: Layer) => new Adam({ learningRate: 0.01, parameters: network.parameters() }),
};

describeCompiledEngines('a network written in NCHW', () => {
  for (const [name, create] of Object.entries(optimizers)) {
    it(`moves nothing but its images in a step with ${name}`, () => {
      const network = new ResidualNetwork();
      const optimizer = create(network);
      // The first step brings weights and accumulators into their order.
      trainStep(network, optimizer);
      for (let step = 1; step < 4; step++) {
        assert.equal(
          bytesMoved(() => trainStep(network, optimizer)),
          inputBytes,
        );
      }
    });
  }

  it('moves weights once after they are replaced', () => {
    const network = new ResidualNetwork();
    const state = Object.fromEntries(
      Object.entries(network.stateDict()).map(([key, tensor]) => [key, tf.tensor(tensor.dataSync(), tensor.shape)]),
    );
    const x = images().tensor;
    const predict = () => tf.tidy(() => void network.forward(x));
    network.eval();
    assert.equal(bytesMoved(predict) >= inputBytes, true);
    network.setStateDict(state);
    const filters = [network.stem, network.first, network.second, network.projection].map(({ weight }) => weight.size);
    const filterBytes = filters.reduce((sum, size) => sum + 4 * size, 0);
    assert.equal(bytesMoved(predict), filterBytes);
    assert.equal(bytesMoved(predict), 0);
    tf.dispose([state, x]);
  });

  it('does not move its weights to save them', () => {
    const network = new ResidualNetwork();
    const optimizer = optimizers.Momentum(network);
    trainStep(network, optimizer);
    const { weight } = network.first;
    assert.equal(
      bytesMoved(() => weight.numpy()),
      0,
    );
    assert.deepEqual(engineBackend()!.layoutOf(weight), [2, 3, 1, 0]);
    assert.equal(
      bytesMoved(() => trainStep(network, optimizer)),
      inputBytes,
    );
  });

  it('leaves clones and views of weights and accumulators as they were', () => {
    const network = new ResidualNetwork();
    const optimizer = optimizers.Momentum(network);
    trainStep(network, optimizer);
    const velocities = Object.values(optimizer.stateDict() as Record<string, Tensor>);
    for (const variable of [...network.parameters(), ...velocities].filter(({ rank }) => rank > 1)) {
      for (const keep of [(x: Tensor) => tf.clone(x), (x: Tensor) => tf.transpose(x)]) {
        const [kept, before] = [keep(variable), variable.dataSync()];
        const values = kept.dataSync();
        trainStep(network, optimizer);
        assert.deepEqual(kept.dataSync(), values);
        assert.notDeepEqual(variable.dataSync(), before);
        kept.dispose();
      }
    }
  });
});

describe('ResNet-50', () => {
  (engineBackend() ? it : it.skip)('moves nothing but its images in a step', function () {
    this.timeout(60_000);
    const network = resnet50({ numClasses: 10 });
    const optimizer = optimizers.Momentum(network);
    trainStep(network, optimizer, 32);
    assert.equal(
      bytesMoved(() => trainStep(network, optimizer, 32)),
      2 * 3 * 32 * 32 * 4,
    );
    for (const parameter of [...network.parameters(), ...Object.values(optimizer.stateDict())]) {
      (parameter as Parameter).dispose();
    }
  });
});
