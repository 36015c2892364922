/**
 * Reads the files that paddle_loads.py wrote with real Paddle into the folder given.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { NdArray } from '../../src/common/ndarray.js';
import { load } from '../../src/framework/index.js';
import { ASGD } from '../../src/optimizer/index.js';
import { LeNet } from '../../src/vision/models/lenet.js';
import { fill } from '../support/oracle.js';
import '../support/setup.js';
import { parameter, stepOn } from './support.js';

const folder = process.argv[2] ?? '.';
const file = (name: string) => path.join(folder, name);

function checkTensors(tensors: Record<string, Tensor>): void {
  assert.equal(Object.keys(tensors).length, 10);
  for (const [dtype, tensor] of Object.entries(tensors)) {
    const values = dtype === 'bool' ? [1, 0, 1, 1] : [1, 0, 3, 7];
    assert.deepEqual([...tensor.dataSync()], values, dtype);
    assert.deepEqual(tensor.shape, [2, 2], dtype);
    assert.equal(tensor.dtype, dtype === 'bool' ? 'bool' : dtype.includes('float') ? 'float32' : 'int32', dtype);
  }
}

const network = new LeNet();
fill(network);
for (const protocol of [2, 3, 4]) {
  const state = await load(file(`paddle-lenet-${protocol}.pdparams`));
  assert.deepEqual(Object.keys(state), Object.keys(network.stateDict()));
  for (const [key, tensor] of Object.entries(network.stateDict())) {
    assert.deepEqual(state[key]?.dataSync(), tensor.dataSync(), key);
  }
  checkTensors(await load(file(`paddle-tensors-${protocol}.pdparams`)));
  interface Nested {
    model: Record<string, Tensor>;
    epoch: number;
    pair: unknown;
    dense: NdArray;
  }
  const nested = await load<Nested>(file(`paddle-nested-${protocol}.pd`));
  checkTensors(nested.model);
  assert.deepEqual([nested.epoch, nested.pair, [...nested.dense.data]], [3, [1, 'x'], [1, 0, 3, 7]]);
  console.log(`ok files of Paddle, protocol ${protocol}`);
}

const [before, after] = JSON.parse(readFileSync(file('paddle-asgd.json'), 'utf8')) as [number[], number[]];
const rates = parameter(Float32Array.from(before));
const averaged = new ASGD({ learningRate: 0.1, batchNum: 3, parameters: [rates] });
averaged.setStateDict(await load(file('paddle-asgd.pdopt')));
stepOn(averaged, rates, 4);
rates.dataSync().forEach((value, i) => assert.ok(Math.abs(value - after[i]!) < 1e-6 * Math.abs(after[i]!)));
console.log('ok state of ASGD of Paddle');
