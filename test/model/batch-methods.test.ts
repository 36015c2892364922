import '../support/setup.js';
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { NdArray } from '../../src/common/ndarray.js';
import { Accuracy, Metric } from '../../src/metric/index.js';
import { Model } from '../../src/model/index.js';
import { CrossEntropyLoss, Dropout, Layer, Linear } from '../../src/nn/index.js';
import { SGD } from '../../src/optimizer/index.js';
import { imageValues } from '../support/oracle.js';
import { classifier, pointBatch, trainableModel } from './support.js';

const weightsOf = (network: Linear) => Array.from(network.weight.numpy());
const gradientOf = (network: Linear) => Array.from(network.weight.grad?.numpy() ?? []);

describe('Model.trainBatch', () => {
  it('does what a loop by hand does', () => {
    const [points, classes] = pointBatch(8);
    const byHand = classifier();
    const optimizer = new SGD({ learningRate: 0.1, parameters: byHand.parameters() });
    const model = trainableModel();
    for (let step = 0; step < 3; step++) {
      const loss = new CrossEntropyLoss().forward(byHand.forward(points), classes);
      loss.backward();
      optimizer.step();
      optimizer.clearGrad();
      const [[ours]] = model.trainBatch(points, classes);
      assert.equal(ours, loss.item());
    }
    assert.deepEqual(weightsOf(model.network as unknown as Linear), weightsOf(byHand));
  });

  it('returns losses alone, or losses and what each metric returned', () => {
    const [points, classes] = pointBatch(4);
    const network = classifier();
    const withoutMetrics = new Model(network).prepare(new SGD(), new CrossEntropyLoss());
    const losses = withoutMetrics.trainBatch(points, classes, { update: false });
    assert.equal(losses.length, 1);
    const model = new Model(network).prepare(new SGD(), new CrossEntropyLoss(), [
      new Accuracy(),
      new Accuracy({ topk: [1, 3] }),
    ]);
    const [again, [top1, both]] = model.trainBatch(points, classes, { update: false });
    assert.deepEqual(again, losses);
    assert.deepEqual(both, [top1, 1]);
  });

  it('adds up gradients without update, and divides them by nothing', () => {
    const [points, classes] = pointBatch(4);
    const network = classifier();
    const before = weightsOf(network);
    const model = new Model(network).prepare(new SGD({ learningRate: 1 }), new CrossEntropyLoss());
    model.trainBatch(points, classes, { update: false });
    const once = gradientOf(network);
    model.trainBatch(points, classes, { update: false });
    gradientOf(network).forEach((value, index) => assert.ok(Math.abs(value - 2 * once[index]!) < 1e-6));
    assert.deepEqual(weightsOf(network), before);
    model.trainBatch(points, classes);
    weightsOf(network).forEach((value, index) => {
      assert.ok(Math.abs(value - (before[index]! - 3 * once[index]!)) < 1e-6);
    });
    assert.ok(gradientOf(network).every((value) => value === 0));
  });

  it('trains on the sum of several losses', () => {
    const [points, classes] = pointBatch(4);
    const single = new CrossEntropyLoss();
    const network = classifier();
    const model = new Model(network).prepare(new SGD(), (scores: tf.Tensor, labels: tf.Tensor) => {
      const loss = single.forward(scores, labels);
      return [loss, tf.mul(loss, 2)];
    });
    const [first, second, ...others] = model.trainBatch(points, classes, { update: false });
    assert.ok(Math.abs(second! - 2 * first!) < 1e-6);
    assert.equal(others.length, 0);
    const summed = gradientOf(network);
    network.clearGradients();
    new Model(network).prepare(new SGD(), single).trainBatch(points, classes, { update: false });
    gradientOf(network).forEach((value, index) => assert.ok(Math.abs(3 * value - summed[index]!) < 1e-6));
  });

  it('takes several inputs and labels, as tensors or arrays', () => {
    class Sum extends Layer<[tf.Tensor, tf.Tensor]> {
      linear = new Linear(2, 3);
      override forward(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
        return this.linear.forward(tf.add(a, b));
      }
    }
    const [points, classes] = pointBatch(4);
    const half = new NdArray(imageValues('half', [4, 2]), [4, 2]);
    const seen: number[] = [];
    const model = new Model(new Sum()).prepare(new SGD(), (scores: tf.Tensor, first: tf.Tensor, second: tf.Tensor) => {
      seen.push(scores.size, first.size, second.size);
      return new CrossEntropyLoss().forward(scores, first);
    });
    assert.equal(model.trainBatch([points, half], [classes, half]).length, 1);
    assert.deepEqual(seen, [12, 4, 8]);
  });

  it('gives a metric the outputs and labels, and logs what it has no value for as undefined', () => {
    class Largest extends Metric {
      readonly higherIsBetter = true;
      largest = 0;
      override compute(scores: tf.Tensor): tf.Tensor {
        return tf.max(scores);
      }
      update({ data, shape }: { data: ArrayLike<number>; shape: readonly number[] }): undefined {
        assert.deepEqual(shape, []);
        this.largest = Math.max(this.largest, data[0]!);
      }
      accumulate(): number {
        return this.largest;
      }
      reset(): void {
        this.largest = 0;
      }
      name(): string {
        return 'largest';
      }
    }
    const [points, classes] = pointBatch(4);
    const largest = new Largest();
    const model = new Model(classifier()).prepare(null, null, largest);
    assert.deepEqual(model.evalBatch(points, classes), [undefined]);
    const scores = classifier().forward(points).numpy();
    assert.equal(largest.largest, Math.max(0, ...scores));
  });

  it('switches between training and evaluation mode', () => {
    const [points, classes] = pointBatch(4);
    class Dropping extends Layer {
      linear = new Linear(2, 3);
      dropout = new Dropout(0.5);
      override forward(x: tf.Tensor): tf.Tensor {
        return this.dropout.forward(this.linear.forward(x));
      }
    }
    const network = new Dropping();
    const model = new Model(network).prepare(new SGD(), new CrossEntropyLoss());
    model.trainBatch(points, classes);
    assert.ok(network.dropout.training);
    model.evalBatch(points, classes);
    assert.ok(!network.dropout.training);
    model.trainBatch(points, classes);
    assert.ok(network.dropout.training);
    model.predictBatch(points);
    assert.ok(!network.dropout.training);
  });

  it('leaves no tensor behind, also after an error', () => {
    const [points, classes] = pointBatch(4);
    const model = trainableModel();
    model.trainBatch(points, classes);
    const wrongClasses = tf.zeros([7, 1], 'int32');
    const before = tf.memory().numTensors;
    model.trainBatch(points, classes);
    model.evalBatch(points, classes);
    model.predictBatch(points);
    assert.throws(() => model.trainBatch(points, wrongClasses));
    assert.equal(tf.memory().numTensors, before);
  });

  it('refuses what it cannot work with', () => {
    const [points, classes] = pointBatch(4);
    const model = trainableModel();
    const refuses = (run: () => unknown, code: string, message: RegExp) => assert.throws(run, { code, message });
    const train = (loss: (scores: tf.Tensor, labels: tf.Tensor) => tf.Tensor) => () =>
      new Model(classifier()).prepare(new SGD(), loss).trainBatch(points, classes);
    refuses(() => new Model(classifier()).trainBatch(points, classes), 'NOT_PREPARED', /trainBatch needs an optimizer/);
    refuses(() => model.trainBatch('points' as never, classes), 'INVALID_ARGUMENT', /inputs must be a Tensor/);
    refuses(() => model.trainBatch(points, [1] as never), 'INVALID_ARGUMENT', /labels must be a Tensor.*got \[1\]/);
    refuses(() => model.trainBatch(points, classes, { updates: true } as object), 'UNKNOWN_OPTION', /'update'/);
    refuses(
      train((scores) => scores),
      'INVALID_ARGUMENT',
      /loss must return tensors of one element.*\[4, 3\]/,
    );
    refuses(
      train(() => 3 as never),
      'INVALID_ARGUMENT',
      /loss must return a tensor or an array of tensors, got 3/,
    );
  });
});

describe('Model.evalBatch', () => {
  const [points, classes] = pointBatch(4);

  it('returns what was prepared: losses, metrics or both', () => {
    const loss = new CrossEntropyLoss();
    const network = classifier();
    const both = new Model(network).prepare(null, loss, new Accuracy()).evalBatch(points, classes);
    const [losses, metrics] = both;
    assert.deepEqual(new Model(network).prepare(null, loss).evalBatch(points, classes), losses);
    assert.deepEqual(new Model(network).prepare(null, null, new Accuracy()).evalBatch(points, classes), metrics);
    assert.deepEqual(new Model(network).prepare().evalBatch(points, classes), []);
    assert.equal(losses[0], loss.forward(network.forward(points), classes).item());
  });

  it('collects no gradient', () => {
    const network = classifier();
    new Model(network).prepare(null, new CrossEntropyLoss()).evalBatch(points, classes);
    assert.equal(network.weight.grad, null);
  });
});

describe('Model.predictBatch', () => {
  it('returns an array per output', () => {
    class Two extends Layer<[tf.Tensor], tf.Tensor[]> {
      linear = new Linear(2, 3);
      override forward(x: tf.Tensor): tf.Tensor[] {
        const scores = this.linear.forward(x);
        return [scores, tf.argMax(scores, 1)];
      }
    }
    const network = new Two();
    const [points] = pointBatch(4);
    const [scores, classes, ...others] = new Model(network).predictBatch(points);
    const [expectedScores, expectedClasses] = network.forward(points);
    assert.deepEqual([scores?.shape, scores?.dtype], [[4, 3], 'float32']);
    assert.deepEqual([classes?.shape, classes?.dtype], [[4], 'int32']);
    assert.deepEqual(scores?.data, expectedScores?.numpy());
    assert.deepEqual(classes?.data, expectedClasses?.numpy());
    assert.equal(others.length, 0);
  });
});
