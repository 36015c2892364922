/**
 * Writes files for Paddle to read into the folder given, with what each must hold in `expected.json`.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { NdArray } from '../../src/common/ndarray.js';
import { save } from '../../src/framework/index.js';
import { ASGD } from '../../src/optimizer/index.js';
import { encodePickle, splitLongArrays, type PickleKey, type PickleValue } from '../../src/serialization/index.js';
import { LeNet } from '../../src/vision/models/lenet.js';
import { fill, image } from '../support/oracle.js';
import '../support/setup.js';
import { parameter, stepOn } from './support.js';

const folder = process.argv[2] ?? '.';
const file = (name: string) => path.join(folder, name);

const network = new LeNet();
fill(network);
network.eval();
const input = image('input', [4, 1, 28, 28]);
const output = network.forward(input);

/** Every value that a file can hold, in JSON as Python reads it. */
const plain = {
  none: null,
  flags: [true, false],
  integers: [0, 255, 256, 65535, 65536, -1, 2 ** 31, -(2 ** 31), 2 ** 53 - 1],
  floats: [0.5, -1e-300, 1e300],
  texts: ['', 'text', 'ä€😀'],
  empty: [[], {}],
  LR_Scheduler: { last_epoch: 3, last_lr: 0.05 },
  long: Array.from({ length: 2500 }, (_, index) => index),
};

const long = Float32Array.from({ length: 1000 }, (_, index) => index / 8);
const split = splitLongArrays(new Map<PickleKey, PickleValue>([['long', new NdArray(long, [10, 100])]]), 1200);

for (const protocol of [2, 3, 4] as const) {
  await save(network.stateDict(), file(`lenet-${protocol}.pdparams`), { protocol });
  await save(plain, file(`plain-${protocol}.pd`), { protocol });
  const tensors = {
    float32: tf.tensor([0.5, -2, 1e-30, 3e38], [2, 2]),
    int32: tf.tensor([-1, 2 ** 31 - 1], [2], 'int32'),
    bool: tf.tensor([true, false], [2], 'bool'),
    scalar: tf.scalar(7.25),
    none: tf.zeros([0, 3]),
  };
  await save(tensors, file(`tensors-${protocol}.pdparams`), { protocol });
  await save({ model: tensors, epoch: 3, list: [tf.scalar(1)] }, file(`nested-${protocol}.pd`), { protocol });
  await save(tf.tensor([1.5, 2], [1, 2]), file(`tensor-${protocol}.pd`), { protocol });
  if (protocol < 4) writeFileSync(file(`split-${protocol}.pdparams`), Buffer.concat(encodePickle(split, protocol)));
}

const rates = parameter(Float32Array.of(1, -2, 3));
const averaged = new ASGD({ learningRate: 0.1, batchNum: 3, parameters: [rates] });
const afterSteps: number[][] = [];
for (let step = 0; step < 5; step++) {
  if (step === 4) await save(averaged.stateDict(), file('asgd.pdopt'));
  stepOn(averaged, rates, step);
  afterSteps.push([...rates.dataSync()]);
}

const expected = {
  keys: Object.keys(network.stateDict()),
  input: [...input.dataSync()],
  output: [...output.dataSync()],
  plain,
  asgd: afterSteps.slice(3),
};
writeFileSync(file('expected.json'), JSON.stringify(expected));
