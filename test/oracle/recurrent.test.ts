import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import '../support/setup.js';
import * as nn from '../../src/nn/index.js';
import { assertDigest, fill, image, type Digest } from '../support/oracle.js';

type Shapes = number[] | Shapes[];

interface Names {
  readonly text: string;
  readonly keys: readonly string[];
}

interface Case extends Names {
  readonly inputs: number[];
  readonly states: Shapes | null;
  readonly lengths: number[] | null;
  readonly shapes: readonly number[][];
  readonly results: readonly Digest[];
  readonly gradients: readonly Digest[];
  readonly parameters: Readonly<Record<string, Digest>>;
}

/** Written by recurrent.py. */
const { salt, cases, names } = JSON.parse(
  readFileSync(new URL('../oracle/recurrent.json', import.meta.url), 'utf8'),
) as {
  readonly salt: string;
  readonly cases: Readonly<Record<string, Case>>;
  readonly names: Readonly<Record<string, Names & { readonly trained: readonly string[] }>>;
};

const layers: Readonly<Record<string, () => unknown>> = {
  SimpleRNNCell: () => new nn.SimpleRNNCell(4, 6),
  'SimpleRNNCell/relu': () => new nn.SimpleRNNCell(4, 6, { activation: 'relu', biasHhAttr: false }),
  LSTMCell: () => new nn.LSTMCell(4, 6),
  'LSTMCell/projection': () => new nn.LSTMCell(4, 6, { projSize: 2 }),
  GRUCell: () => new nn.GRUCell(4, 6),
  RNN: () => new nn.RNN(new nn.GRUCell(4, 6)),
  'RNN/reverse': () => new nn.RNN(new nn.LSTMCell(4, 6), { isReverse: true }),
  'RNN/timeMajor': () => new nn.RNN(new nn.SimpleRNNCell(4, 6), { timeMajor: true }),
  BiRNN: () => new nn.BiRNN(new nn.LSTMCell(4, 6), new nn.LSTMCell(4, 3)),
  SimpleRNN: () => new nn.SimpleRNN(4, 6),
  'SimpleRNN/relu': () => new nn.SimpleRNN(4, 6, { numLayers: 2, activation: 'relu' }),
  LSTM: () => new nn.LSTM(4, 6),
  'LSTM/bidirect': () => new nn.LSTM(4, 6, { numLayers: 2, direction: 'bidirect', timeMajor: true }),
  'LSTM/lengths': () => new nn.LSTM(4, 6, { numLayers: 2, direction: 'bidirect', timeMajor: true }),
  'LSTM/all': () => new nn.LSTM(4, 6, { numLayers: 2, direction: 'bidirect' }),
  'LSTM/projection': () => new nn.LSTM(4, 6, { numLayers: 2, projSize: 2 }),
  'LSTM/bidirectProjection': () => new nn.LSTM(4, 6, { direction: 'bidirectional', projSize: 2 }),
  GRU: () => new nn.GRU(4, 6),
  'GRU/bidirect': () => new nn.GRU(4, 6, { numLayers: 2, direction: 'bidirect' }),
  'GRU/lengths': () => new nn.GRU(4, 6, { numLayers: 2, direction: 'bidirect' }),
  'GRU/all': () => new nn.GRU(4, 6, { numLayers: 2, direction: 'bidirect' }),
  'LSTM/noBias': () => new nn.LSTM(4, 6, { biasIhAttr: false, biasHhAttr: false }),
  'GRU/oneBias': () => new nn.GRU(4, 6, { direction: 'bidirect', timeMajor: true, biasIhAttr: false }),
  'GRU/dropout': () => new nn.GRU(4, 6, { numLayers: 2, dropout: 0.3 }),
  'SimpleRNN/frozen': () => new nn.SimpleRNN(4, 6, { weightIhAttr: false, weightHhAttr: false }),
};

function make(name: string, expected: Names): nn.AnyLayer {
  const layer = layers[name]?.() as nn.AnyLayer | undefined;
  assert.ok(layer, `no layer for the case ${name}`);
  const keys = Object.entries(layer.stateDict()).map(([key, { shape }]) => `${key}:[${shape.join(', ')}]`);
  assert.deepEqual(keys, expected.keys);
  assert.equal(String(layer), expected.text);
  return layer;
}

function given(key: string, shape: readonly number[]): Tensor {
  const x = image(key, shape, salt);
  x.stopGradient = false;
  return x;
}

describe('recurrent layers, as in Paddle', () => {
  for (const [name, expected] of Object.entries(cases)) {
    it(name, () => {
      const layer = make(name, expected);
      fill(layer, salt);
      const leaves = [given('x', expected.inputs)];
      const statesOf = (shape: Shapes): unknown => {
        if (Array.isArray(shape[0])) return (shape as Shapes[]).map(statesOf);
        const state = given(`state${leaves.length - 1}`, shape as number[]);
        leaves.push(state);
        return state;
      };
      const states = expected.states && statesOf(expected.states);
      const lengths = expected.lengths && tf.tensor1d(expected.lengths, 'int32');
      const output = layer.forward(leaves[0], ...(lengths ? [states, lengths] : states ? [states] : []));
      const results = (output as unknown[]).flat(3) as Tensor[];
      assert.deepEqual(
        results.map(({ shape }) => shape),
        expected.shapes,
      );
      const losses = results.map((y, index) => tf.sum(tf.mul(y, image(`dy${index}`, y.shape, salt))));
      tf.addN(losses).backward();
      for (const [index, digest] of expected.results.entries()) {
        assertDigest(results[index]!, digest, 1e-5, `result ${index}`);
      }
      for (const [index, digest] of expected.gradients.entries()) {
        assertDigest(leaves[index]!.grad!, digest, 2e-5, `gradient of input ${index}`);
      }
      const parameters = [...layer.namedParameters()].filter(([, { grad }]) => grad);
      assert.deepEqual(
        parameters.map(([key]) => key),
        Object.keys(expected.parameters),
      );
      for (const [key, { grad }] of parameters) {
        assertDigest(grad!, expected.parameters[key]!, 2e-5, `gradient of ${key}`);
      }
    });
  }
});

describe('names and texts of recurrent layers, as in Paddle', () => {
  for (const [name, expected] of Object.entries(names)) {
    it(name, () => {
      const parameters = [...make(name, expected).namedParameters()];
      assert.deepEqual(
        parameters.filter(([, { trainable }]) => trainable).map(([key]) => key),
        expected.trained,
      );
    });
  }
});
