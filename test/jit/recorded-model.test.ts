import '../support/setup.js';
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { noGrad } from '../../src/autograd/index.js';
import { engineBackend, materializedBytes } from '../../src/engine/index.js';
import { Metric, type MetricArray } from '../../src/metric/index.js';
import { Model } from '../../src/model/index.js';
import { CrossEntropyLoss, Linear, Sequential, type AnyLayer } from '../../src/nn/index.js';
import { SGD } from '../../src/optimizer/index.js';
import { LeNet, densenet121, mobilenet_v2, mobilenet_v3_small, resnet18 } from '../../src/vision/models/index.js';
import { describeCompiledEngines } from '../support/engines.js';
import { makeQuickly } from '../support/networks.js';
import { settle } from '../support/memory.js';
import { batch, countForwards, keepPlain, train } from './support.js';

const digits = [4, 1, 28, 28];
const small = [2, 3, 32, 32];

const networks: [string, () => AnyLayer, readonly number[]][] = [
  ['LeNet', () => new LeNet(), digits],
  ['ResNet, with residual sums and running statistics', () => resnet18({ numClasses: 10 }), small],
  ['MobileNetV2, with dropout', () => mobilenet_v2({ numClasses: 10, scale: 0.25 }), small],
  ['MobileNetV3, with gates', () => mobilenet_v3_small({ numClasses: 10, scale: 0.5 }), small],
  ['DenseNet, with joined channels', () => densenet121({ numClasses: 10 }), small],
];

/** Trains twice the same way, recorded and not, and expects the same bits; returns how often the recorded one computed itself. */
function expectSame(
  between: (step: number, network: LeNet, model: Model) => void,
  { steps = 9, make = () => new LeNet() } = {},
): number {
  const expected = train(keepPlain(makeQuickly(make)), digits, steps, between);
  const { count, restore } = countForwards(LeNet.prototype);
  try {
    assert.deepEqual(train(makeQuickly(make), digits, steps, between), expected);
    return count();
  } finally {
    restore();
  }
}

describeCompiledEngines('recorded training', () => {
  for (const [name, make, shape] of networks) {
    it(`has the bits of training without: ${name}`, () => {
      const network = makeQuickly(make);
      const { count, restore } = countForwards(Object.getPrototypeOf(network) as object);
      try {
        const recorded = train(network, shape, 5);
        assert.equal(count(), 3, 'the network computes two batches by itself, and one to be recorded');
        assert.deepEqual(recorded, train(keepPlain(makeQuickly(make)), shape, 5));
      } finally {
        restore();
      }
    });
  }

  it('goes on where other things happen between the steps', () => {
    const [images, classes] = batch(99, digits);
    const computed = expectSame((_, network, model) => {
      model.evalBatch(images, classes);
      model.predictBatch(images);
      tf.tidy(() => noGrad(() => void network.forward(images)));
      network.stateDict();
    });
    // Each step evaluates, predicts and calls the network once.
    assert.equal(computed, 3 + 3 * 9);
    tf.dispose([images, classes]);
  });

  it('computes a batch of another size by itself, and goes on', () => {
    const [images, classes] = batch(99, [3, 1, 28, 28]);
    const computed = expectSame((step, _, model) => {
      if (step === 5) model.trainBatch(images, classes);
    });
    assert.equal(computed, 4);
    tf.dispose([images, classes]);
  });

  it('records anew for batches that stay of another size', () => {
    const make = () => makeQuickly(() => new LeNet());
    const run = (network: LeNet) => [train(network, digits, 4), train(network, [3, 1, 28, 28], 5)];
    const expected = run(keepPlain(make()));
    assert.deepEqual(run(make()), expected);
  });

  const changes: [string, number, (network: LeNet) => void][] = [
    ['new weights', 6, (network) => network.parameters()[0]!.setValue(tf.mul(network.parameters()[0]!, 0.5))],
    ['a part that is not trained any more', 6, ({ features }) => (features.parameters()[0]!.trainable = false)],
    ['another layer in a place', 6, (network) => (network.fc = new Sequential(...network.fc!.children()))],
    ['a hook', 8, ({ features }) => void features.registerForwardPostHook((_layer, _inputs, y) => tf.mul(y, 0.5))],
  ];
  for (const [what, computed, change] of changes) {
    it(`notices ${what}`, () => {
      const between = (step: number, network: LeNet) => {
        if (step === 3) tf.tidy(() => change(network));
      };
      // Two plain steps, a recorded one, a repeated one; then the same again, or never.
      assert.equal(expectSame(between), computed);
    });
  }

  it('leaves clones of parameters and of running statistics alone', () => {
    const network = makeQuickly(() => resnet18({ numClasses: 10 }));
    let clones: Tensor[] = [];
    let values: number[][] = [];
    train(network, small, 6, (step) => {
      if (step !== 3) return;
      clones = Object.values(network.stateDict()).map((tensor) => tf.clone(tensor));
      values = clones.map((tensor) => Array.from(tensor.dataSync()));
    });
    assert.deepEqual(
      clones.map((tensor) => Array.from(tensor.dataSync())),
      values,
    );
    tf.dispose(clones);
  });

  it('leaves outputs alone that a metric has kept', () => {
    class Kept extends Metric {
      readonly higherIsBetter = true;
      readonly tensors: Tensor[] = [];
      readonly values: number[][] = [];
      override compute(output: Tensor): Tensor {
        this.tensors.push(tf.keep(tf.clone(output)));
        return output;
      }
      override update({ data }: MetricArray): number {
        this.values.push(Array.from(data as Float32Array));
        return 0;
      }
      override reset(): void {
        // Nothing is added up.
      }
      override accumulate(): number {
        return 0;
      }
      override name(): string {
        return 'kept';
      }
    }
    const metric = new Kept();
    const model = new Model(makeQuickly(() => new LeNet())).prepare(new SGD(), new CrossEntropyLoss(), metric);
    for (let step = 0; step < 6; step++) {
      const [images, classes] = batch(step, digits);
      model.trainBatch(images, classes);
      tf.dispose([images, classes]);
    }
    assert.deepEqual(
      metric.tensors.map((tensor) => Array.from(tensor.dataSync())),
      metric.values,
    );
    assert.notDeepEqual(metric.values[4], metric.values[5]);
    tf.dispose(metric.tensors);
  });

  it('adds up gradients as ever', () => {
    const [images, classes] = batch(99, digits);
    expectSame((_, __, model) => void model.trainBatch(images, classes, { update: false }));
    tf.dispose([images, classes]);
  });

  it('does not record what users have written', () => {
    class Own extends Sequential {}
    for (const make of [() => new Own(new Linear(3, 10)), () => new Sequential(new Own(new Linear(3, 10)))]) {
      const { count, restore } = countForwards(Own.prototype);
      try {
        train(makeQuickly(make), [4, 3], 6);
        assert.equal(count(), 6);
      } finally {
        restore();
      }
    }
  });

  it('does not record for a loss that users have written', () => {
    const { count, restore } = countForwards(LeNet.prototype);
    try {
      const loss = new CrossEntropyLoss();
      const model = new Model(makeQuickly(() => new LeNet())).prepare(new SGD(), (y: Tensor, t: Tensor) =>
        loss.forward(y, t),
      );
      for (let step = 0; step < 6; step++) {
        const [images, classes] = batch(step, digits);
        model.trainBatch(images, classes);
        tf.dispose([images, classes]);
      }
      assert.equal(count(), 6);
    } finally {
      restore();
    }
  });

  it('keeps the number of tensors and the memory, and counts what it moves', async () => {
    const backend = engineBackend()!;
    const model = new Model(makeQuickly(() => new LeNet())).prepare(new SGD(), new CrossEntropyLoss());
    const [images, classes] = batch(0, digits);
    const facts = () => {
      const before = materializedBytes();
      model.trainBatch(images, classes);
      return [tf.memory().numTensors, backend.pool.liveBytes, materializedBytes() - before];
    };
    facts();
    const [, , moved] = facts();
    await settle();
    const [tensors, bytes] = facts();
    for (let step = 0; step < 5; step++) assert.deepEqual(facts(), [tensors, bytes, moved]);
    tf.dispose([images, classes]);
  });

  it('gives its memory up when there is no other', () => {
    const backend = engineBackend()!;
    const network = makeQuickly(() => new LeNet());
    const model = new Model(network).prepare(new SGD({ learningRate: 0.1 }), new CrossEntropyLoss());
    const [images, classes] = batch(0, [64, 1, 28, 28]);
    const step = () => (model.trainBatch(images, classes) as number[])[0]!;
    const losses = Array.from({ length: 4 }, step);
    const { liveBytes, pooledBytes } = backend.pool;
    backend.pool.limit = liveBytes + pooledBytes;
    const blocks: { pointer: number; bytes: number }[] = [];
    try {
      // More than waits in the pool: a part of the recording's memory is among it.
      const bytes = 2 ** 16;
      for (let taken = 0; taken < pooledBytes + 2 ** 19; taken += bytes) {
        blocks.push({ pointer: backend.pool.take(bytes), bytes });
      }
    } finally {
      for (const { pointer, bytes } of blocks) backend.pool.give(pointer, bytes);
      backend.pool.limit = Infinity;
    }
    losses.push(...Array.from({ length: 4 }, step));
    assert.ok(
      losses.every((loss, index) => index === 0 || loss < losses[index - 1]!),
      losses.join(' '),
    );
    tf.dispose([images, classes]);
  });
});
