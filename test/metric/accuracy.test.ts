import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { accuracy, Accuracy } from '../../src/metric/index.js';

const scores = () =>
  tf.tensor2d([
    [0.1, 0.2, 0.3, 0.4],
    [0.1, 0.4, 0.3, 0.2],
    [0.1, 0.2, 0.4, 0.3],
    [0.1, 0.2, 0.3, 0.4],
  ]);
const classes = [0, 1, 2, 3];

/** Feeds a batch as the training loop does. */
function feed(metric: Accuracy, prediction: tf.Tensor, label: tf.Tensor) {
  const correct = metric.compute(prediction, label);
  return metric.update({ data: correct.dataSync(), shape: correct.shape });
}

describe('Accuracy', () => {
  it('accumulates over batches and forgets them', () => {
    const metric = new Accuracy();
    assert.equal(metric.accumulate(), 0);
    assert.equal(feed(metric, scores(), tf.tensor2d(classes, [4, 1], 'int32')), 0.75);
    assert.equal(feed(metric, scores(), tf.tensor2d([3, 0, 2, 0], [4, 1], 'int32')), 0.5);
    assert.equal(metric.accumulate(), 0.625);
    metric.reset();
    assert.equal(metric.accumulate(), 0);
  });

  it('ranks the first of equal scores first, and counts no score that is NaN', () => {
    const rows = tf.tensor2d(
      [
        [1, 5, 5, 5],
        [1, 5, 5, 5],
        [5, NaN, 1, 0],
        [NaN, NaN, NaN, NaN],
        [NaN, 2, 1, 3],
      ],
      [5, 4],
    );
    const ranked = (k: number, labels: number[]) =>
      [...new Accuracy({ topk: [k] }).compute(rows, tf.tensor2d(labels, [5, 1], 'int32')).dataSync()].reduce(
        (hits, hit, place) => hits.with(Math.floor(place / k), (hits[Math.floor(place / k)] ?? 0) + hit),
        new Array<number>(5).fill(0),
      );
    assert.deepEqual(ranked(1, [1, 2, 0, 0, 3]), [1, 0, 1, 0, 1]);
    assert.deepEqual(ranked(2, [2, 3, 1, 1, 1]), [1, 0, 0, 0, 1]);
    assert.deepEqual(ranked(3, [3, 0, 3, 2, 0]), [1, 0, 1, 0, 0]);
  });

  it('takes labels of every form', () => {
    const forms = [
      tf.tensor1d(classes, 'int32'),
      tf.tensor2d(classes, [4, 1], 'int32'),
      tf.oneHot(tf.tensor1d(classes, 'int32'), 4),
    ];
    for (const label of forms) assert.equal(feed(new Accuracy(), scores(), label), 0.75);
  });

  it('counts the k likeliest classes', () => {
    const metric = new Accuracy({ topk: [1, 2, 4] });
    const label = tf.tensor2d([2, 1, 3, 0], [4, 1], 'int32');
    assert.deepEqual(metric.compute(scores(), label).shape, [4, 4]);
    assert.deepEqual(feed(metric, scores(), label), [0.25, 0.75, 1]);
    assert.deepEqual(metric.name(), ['acc_top1', 'acc_top2', 'acc_top4']);
  });

  it('takes leading axes as samples', () => {
    const metric = new Accuracy();
    feed(metric, tf.reshape(scores(), [2, 2, 4]), tf.tensor2d(classes, [2, 2], 'int32'));
    assert.equal(metric.accumulate(), 0.75);
  });

  it('puts the first of equal scores first, and counts NaN as wrong', () => {
    assert.equal(feed(new Accuracy(), tf.zeros([1, 3]), tf.tensor1d([0], 'int32')), 1);
    assert.equal(feed(new Accuracy(), tf.zeros([1, 3]), tf.tensor1d([1], 'int32')), 0);
    assert.equal(feed(new Accuracy(), tf.fill([1, 3], NaN), tf.tensor1d([0], 'int32')), 0);
  });

  it('names itself', () => {
    assert.deepEqual(new Accuracy().name(), ['acc']);
    assert.deepEqual(new Accuracy({ name: 'my_acc' }).name(), ['my_acc']);
    assert.equal(new Accuracy().higherIsBetter, true);
  });

  it('refuses wrong arguments', () => {
    assert.throws(() => new Accuracy({ topk: [] }), /topk must be an array of positive integers/);
    assert.throws(() => new Accuracy({ topk: [0] }), /topk\[0\] must be a positive integer, got 0/);
    assert.throws(() => new Accuracy({ topK: [1] } as object), /did you mean 'topk'/);
    assert.throws(() => new Accuracy().compute(scores(), tf.zeros([3, 1])), { code: 'SHAPE_MISMATCH' });
  });
});

describe('accuracy', () => {
  it('gives the share as a scalar', () => {
    const label = tf.tensor2d([2, 1, 3, 0], [4, 1], 'int32');
    const result = accuracy(scores(), label);
    assert.deepEqual(result.shape, []);
    assert.equal(result.item(), 0.25);
    assert.equal(accuracy(scores(), label, { k: 2 }).item(), 0.75);
  });

  it('refuses labels of one axis', () => {
    assert.throws(() => accuracy(scores(), tf.tensor1d(classes, 'int32')), /labels \[N, 1\], got .*\[4\]/);
  });
});
