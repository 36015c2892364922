import '../support/setup.js';
import assert from 'node:assert/strict';
import type * as tf from '@tensorflow/tfjs-core';
import { Accuracy } from '../../src/metric/index.js';
import { InputSpec, Model } from '../../src/model/index.js';
import { CrossEntropyLoss } from '../../src/nn/index.js';
import { Momentum, SGD } from '../../src/optimizer/index.js';
import { classifier, pointBatch, Points } from './support.js';

describe('Model', () => {
  it('knows its network, its parameters and what it is prepared with', () => {
    const network = classifier();
    const model = new Model(network);
    assert.equal(model.network, network);
    assert.deepEqual(model.parameters(), network.parameters());
    assert.deepEqual([model.optimizer, model.loss, model.metrics], [null, null, []]);
    const [optimizer, loss, metric] = [new SGD(), new CrossEntropyLoss(), new Accuracy()];
    assert.equal(model.prepare(optimizer, loss, metric), model);
    assert.deepEqual([model.optimizer, model.loss, model.metrics], [optimizer, loss, [metric]]);
    model.prepare();
    assert.deepEqual([model.optimizer, model.loss, model.metrics], [null, null, []]);
  });

  it('gives the network to an optimizer without parameters, and leaves others as they are', () => {
    const [points, classes] = pointBatch(4);
    const network = classifier();
    const before = network.bias!.numpy();
    const partial = new SGD({ learningRate: 1, parameters: [network.weight] });
    new Model(network).prepare(partial, new CrossEntropyLoss()).trainBatch(points, classes);
    assert.deepEqual(network.bias!.numpy(), before);
    const whole = new SGD({ learningRate: 1 });
    const model = new Model(network).prepare(whole, new CrossEntropyLoss());
    model.trainBatch(points, classes);
    assert.notDeepEqual(network.bias!.numpy(), before);
    assert.equal(model.prepare(whole, new CrossEntropyLoss()), model);
  });

  it('runs as one chain', async () => {
    const history = await new Model(classifier())
      .prepare(new Momentum({ learningRate: 0.1 }), new CrossEntropyLoss(), [new Accuracy()])
      .fit(new Points(4), null, { verbose: 0, epochs: 2 });
    assert.equal(history.epochs.length, 2);
  });

  it('refuses what it is not made for', () => {
    const refuses = (run: () => unknown, message: RegExp) => assert.throws(run, { code: 'INVALID_ARGUMENT', message });
    const network = classifier();
    refuses(() => new Model({} as never), /network must be a Layer, got an object/);
    refuses(() => new Model(network, [[1, 2]] as never), /inputs\[0\] must be an InputSpec, got \[1, 2\]/);
    refuses(() => new Model(network, new InputSpec([null, 2])), /inputs must have a name/);
    refuses(
      () => new Model(network, null, [new InputSpec([1], { name: 'y' }), new InputSpec([1])]),
      /labels\[1\] must have a name/,
    );
    refuses(() => new Model(network).prepare('SGD' as never), /optimizer must be an Optimizer, got "SGD"/);
    refuses(() => new Model(network).prepare(null, 3 as never), /loss must be a Layer or a function, got 3/);
    refuses(() => new Model(network).prepare(null, null, ['acc'] as never), /metrics\[0\] must be a Metric, got "acc"/);
    const partial = { compute: (x: tf.Tensor) => x, update: () => 0 };
    refuses(() => new Model(network).prepare(null, null, partial as never), /metrics\[0\] must be a Metric/);
  });
});

describe('InputSpec', () => {
  it('describes an input', () => {
    const spec = new InputSpec([null, -1, 28], { dtype: 'int32', name: 'image' });
    assert.deepEqual([spec.shape, spec.dtype, spec.name], [[null, null, 28], 'int32', 'image']);
    assert.equal(String(spec), 'InputSpec(shape=[null, null, 28], dtype=int32, name=image)');
    assert.deepEqual([new InputSpec([1]).dtype, new InputSpec([1]).name], ['float32', null]);
    assert.deepEqual(new Model(classifier(), [spec], spec).inputs, [spec]);
    assert.deepEqual(new Model(classifier(), [spec], spec).labels, [spec]);
  });

  it('refuses what is no shape', () => {
    const refuses = (run: () => unknown, code: string) => assert.throws(run, { code });
    refuses(() => new InputSpec(3 as never), 'INVALID_ARGUMENT');
    refuses(() => new InputSpec([0]), 'INVALID_ARGUMENT');
    refuses(() => new InputSpec([1.5]), 'INVALID_ARGUMENT');
    refuses(() => new InputSpec([1], { type: 'int32' } as object), 'UNKNOWN_OPTION');
  });
});
