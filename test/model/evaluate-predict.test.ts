import '../support/setup.js';
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { Accuracy } from '../../src/metric/index.js';
import { Model } from '../../src/model/index.js';
import { Layer } from '../../src/nn/index.js';
import { Tracer } from '../support/tracer.js';
import { classifier, Points, pointBatch, trainableModel } from './support.js';
import { settle } from '../support/memory.js';

const points = new Points(10);

describe('Model.evaluate', () => {
  it('returns the losses of the last batch and the metrics of all', async () => {
    const model = trainableModel();
    const result = await model.evaluate(points, { batchSize: 4, verbose: 0 });
    const inputs = tf.concat([0, 1].map((part) => tf.stack(rows(part * 4, 4, 0))).concat(tf.stack(rows(8, 2, 0))));
    const scores = model.predictBatch(inputs)[0]!;
    const labels = rows(0, 10, 1).map((row) => row.dataSync()[0]);
    const hits = labels.filter((label, row) => {
      const own = Array.from(scores.data.slice(3 * row, 3 * row + 3), Number);
      return own.indexOf(Math.max(...own)) === label;
    });
    assert.deepEqual(Object.keys(result), ['loss', 'acc']);
    assert.equal(result.acc, hits.length / 10);
    const last = model.evalBatch(tf.stack(rows(8, 2, 0)), tf.stack(rows(8, 2, 1)))[0];
    assert.deepEqual(result.loss, last);
  });

  it('needs neither a loss nor an optimizer', async () => {
    const model = new Model(classifier()).prepare(null, null, new Accuracy());
    assert.deepEqual(Object.keys(await model.evaluate(points, { verbose: 0 })), ['acc']);
    assert.deepEqual(await new Model(classifier()).evaluate(points, { verbose: 0 }), {});
  });

  it('stops after numIters batches and leaves fit alone', async () => {
    const model = trainableModel();
    const tracer = new Tracer();
    await model.evaluate(points, { batchSize: 4, verbose: 0, numIters: 2, callbacks: tracer });
    const steps = tracer.events.filter(([name]) => name === 'evalBatchEnd').map(([, step]) => step);
    assert.deepEqual(steps, [0, 1]);
    assert.deepEqual(tracer.events[0]?.[2], { steps: 2, metrics: ['loss', 'acc'] });
    assert.equal(model.stopTraining, false);
  });

  it('forgets what metrics counted', async () => {
    const model = trainableModel();
    const options = { batchSize: 4, verbose: 0 } as const;
    assert.deepEqual(await model.evaluate(points, options), await model.evaluate(points, options));
  });

  it('leaves no tensor behind', async () => {
    const model = trainableModel();
    await model.evaluate(points, { verbose: 0 });
    await settle();
    const before = tf.memory().numTensors;
    await model.evaluate(points, { verbose: 0 });
    await model.predict(points, { verbose: 0 });
    assert.equal(tf.memory().numTensors, before);
  });

  it('refuses wrong use', async () => {
    const model = trainableModel();
    await assert.rejects(model.evaluate(null as never), {
      code: 'INVALID_ARGUMENT',
      message: /data must be a Dataset/,
    });
    await assert.rejects(model.evaluate(points, { shuffle: true } as object), { code: 'UNKNOWN_OPTION' });
    await assert.rejects(
      model.evaluate(points, { batchSize: [1, 2] as never }),
      /batchSize must be a positive integer/,
    );
  });
});

describe('Model.predict', () => {
  class Two extends Layer<[tf.Tensor], tf.Tensor[]> {
    linear = classifier();
    override forward(x: tf.Tensor): tf.Tensor[] {
      const scores = this.linear.forward(x);
      return [scores, tf.argMax(scores, 1)];
    }
  }

  it('returns an array per output and batch, or joined', async () => {
    const model = new Model(new Two());
    const [scores, classes] = await model.predict(points, { batchSize: 4, verbose: 0 });
    assert.deepEqual(
      scores?.map(({ shape }) => shape),
      [
        [4, 3],
        [4, 3],
        [2, 3],
      ],
    );
    assert.deepEqual(
      classes?.map(({ shape }) => shape),
      [[4], [4], [2]],
    );
    const [joined, joinedClasses] = await model.predict(points, { batchSize: 4, verbose: 0, stackOutputs: true });
    assert.deepEqual(joined?.shape, [10, 3]);
    assert.deepEqual(
      Array.from(joined.data, Number),
      scores?.flatMap(({ data }) => Array.from(data, Number)),
    );
    assert.deepEqual([joinedClasses?.shape, joinedClasses?.dtype], [[10], 'int32']);
  });

  it('takes data without labels', async () => {
    const [batch] = pointBatch(3);
    const model = new Model(classifier());
    const [scores] = await model.predict([batch, batch], { verbose: 0, stackOutputs: true });
    assert.deepEqual(scores?.shape, [6, 3]);
    assert.deepEqual(scores?.data.slice(0, 9), model.predictBatch(batch)[0]?.data);
  });

  it('refuses to join what does not fit', async () => {
    class Pass extends Layer {
      override forward(x: tf.Tensor): tf.Tensor {
        return tf.clone(x);
      }
    }
    const data = [tf.zeros([2, 3]), tf.zeros([2, 4])];
    await assert.rejects(new Model(new Pass()).predict(data, { verbose: 0, stackOutputs: true }), {
      code: 'SHAPE_MISMATCH',
      message: /outputs of shapes \[2, 3\] and \[2, 4\] cannot be joined/,
    });
    const scalars = [tf.scalar(1)];
    await assert.rejects(new Model(new Pass()).predict(scalars, { verbose: 0, stackOutputs: true }), {
      code: 'SHAPE_MISMATCH',
    });
  });

  it('refuses wrong use', async () => {
    const model = new Model(classifier());
    await assert.rejects(model.predict(points, { batchsize: 2 } as object), {
      code: 'UNKNOWN_OPTION',
      message: /Model\.predict has no option 'batchsize'; did you mean 'batchSize'\?/,
    });
  });
});

/** One field of some samples. */
function rows(start: number, count: number, field: 0 | 1): tf.Tensor[] {
  return Array.from({ length: count }, (_, index) => {
    const { data, shape, dtype } = points.getItem(start + index)[field];
    return tf.tensor(data as Float32Array, [...shape], dtype as 'float32');
  });
}
