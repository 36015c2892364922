/** A small classification task whose every number is fixed. */
import * as tf from '@tensorflow/tfjs-core';
import { NdArray } from '../../src/common/ndarray.js';
import { Dataset } from '../../src/io/index.js';
import { Accuracy } from '../../src/metric/index.js';
import { Model } from '../../src/model/index.js';
import { CrossEntropyLoss, Linear } from '../../src/nn/index.js';
import { SGD } from '../../src/optimizer/index.js';
import { fill, imageValues, labelValues } from '../support/oracle.js';

/** `count` points in the plane, each of one of three classes. */
export class Points extends Dataset<[NdArray, NdArray]> {
  constructor(readonly count: number) {
    super();
  }

  get length(): number {
    return this.count;
  }

  getItem(index: number): [NdArray, NdArray] {
    return [new NdArray(imageValues(`point${index}`, [2]), [2]), new NdArray(labelValues(`class${index}`, 1, 3), [1])];
  }
}

/** A batch of points as tensors that the caller owns. */
export function pointBatch(count: number, key = 'batch'): [tf.Tensor, tf.Tensor] {
  return [
    tf.tensor(imageValues(`${key}Points`, [count, 2]), [count, 2]),
    tf.tensor(labelValues(`${key}Classes`, count, 3), [count, 1], 'int32'),
  ];
}

/** A linear classifier whose weights are always the same. */
export function classifier(): Linear {
  const network = new Linear(2, 3);
  fill(network);
  return network;
}

/** A classifier that is ready for training. */
export function trainableModel(learningRate = 0.1) {
  return new Model(classifier()).prepare(new SGD({ learningRate }), new CrossEntropyLoss(), new Accuracy());
}

/** Options of a `fit` that says nothing and does the same each time. */
export const quiet = { verbose: 0, shuffle: false } as const;
