import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { noGrad } from '../../src/autograd/index.js';
import * as nn from '../../src/nn/index.js';
import { fill } from '../support/oracle.js';
import { assertTensor, elements, inputs, only, weights } from './support.js';

/** The sum of all inputs so far, and their number. */
class Sum extends nn.RNNCellBase<readonly [sum: Tensor, count: Tensor]> {
  override get stateShape() {
    return [[2], [-1, 1]];
  }
  override forward(x: Tensor, states: readonly [Tensor, Tensor] | null = null): [Tensor, [Tensor, Tensor]] {
    const [sum, count] = states ?? this.getInitialStates(x);
    const next = tf.add(sum, x);
    return [tf.mul(next, 10), [next, tf.add(count, 1)]];
  }
}

const x = () => inputs(2, 3, 2); // [[-4, 1], [6, 0], [5, -1]], [[4, -2], [3, -3], [2, -4]]

const lengths = () => tf.tensor1d([3, 1], 'int32');

describe('RNN', () => {
  it('walks with a cell of the user', () => {
    const [outputs, [sum, count]] = new nn.RNN(new Sum()).forward(x());
    assertTensor(outputs, [2, 3, 2], [-40, 10, 20, 10, 70, 0, 40, -20, 70, -50, 90, -90]);
    assertTensor(sum, [2, 2], [7, 0, 9, -9]);
    assertTensor(count, [2, 1], [3, 3]);
  });

  it('walks backwards, and leaves states beyond the end of a sequence', () => {
    const rnn = new nn.RNN(new Sum(), { isReverse: true });
    const [outputs, [sum, count]] = rnn.forward(x(), [tf.ones([2, 2]), tf.zeros([2, 1])], lengths());
    // Outputs in the padding begin from the initial states each.
    assertTensor(outputs, [2, 3, 2], [80, 10, 120, 0, 60, 0, 50, -10, 40, -20, 30, -30]);
    assertTensor(sum, [2, 2], [8, 1, 5, -1]);
    assertTensor(count, [2, 1], [3, 1]);
  });

  it('takes the time first', () => {
    const options = { timeMajor: true };
    const [outputs, [, count]] = new nn.RNN(new Sum(), options).forward(tf.transpose(x(), [1, 0, 2]), null, lengths());
    assert.deepEqual(outputs.shape, [3, 2, 2]);
    assertTensor(count, [2, 1], [3, 1]);
  });

  it('joins two directions', () => {
    const [outputs, [[last], [first]]] = new nn.BiRNN(new Sum(), new Sum()).forward(x(), null, lengths());
    assert.deepEqual(elements(outputs).slice(0, 8), [-40, 10, 70, 0, 20, 10, 110, -10]);
    assertTensor(last, [2, 2], [7, 0, 4, -2]);
    assertTensor(first, [2, 2], [7, 0, 4, -2]);
  });
});

describe('RNNCellBase.getInitialStates', () => {
  it('fills states of any shape', () => {
    const cell = new nn.GRUCell(3, 4);
    assertTensor(cell.getInitialStates(tf.zeros([2, 3])), [2, 4], new Array<number>(8).fill(0));
    const options = { shape: [1, 2], dtype: 'int32', initValue: 3, batchDimIdx: 1 } as const;
    const state = cell.getInitialStates(tf.zeros([5, 2, 3]), options);
    assertTensor(state, [2, 1, 2], [3, 3, 3, 3]);
    assert.equal(state.dtype, 'int32');
    const nested = cell.getInitialStates(tf.zeros([2, 3]), { shape: [[-1, 1], [2]] }) as unknown as Tensor[];
    assert.deepEqual(
      nested.map(({ shape }) => shape),
      [
        [2, 1],
        [2, 2],
      ],
    );
  });

  it('gives both states of a cell with a projection', () => {
    const [h, c] = new nn.LSTMCell(3, 4, { projSize: 2 }).getInitialStates(tf.zeros([5, 3]));
    assert.deepEqual(
      [h.shape, c.shape],
      [
        [5, 2],
        [5, 4],
      ],
    );
  });
});

describe('recurrent networks', () => {
  it('drop inputs of layers but the first, in training', () => {
    const network = new nn.GRU(2, 3, { numLayers: 2, dropout: 1 });
    fill(network);
    const results = () => network.forward(x()).map(elements);
    const [outputs, states] = results();
    const last = new nn.RNN((network.at(1) as nn.RNN<Tensor>).cell);
    const [expected] = last.forward(tf.zeros([2, 3, 3]));
    assertTensor(expected, [2, 3, 3], outputs!, 1e-6);
    network.eval();
    const evaluated = results();
    assert.notDeepEqual(evaluated[0], outputs);
    // The first layer has lost nothing.
    assert.deepEqual(evaluated[1]!.slice(0, 6), states!.slice(0, 6));
  });

  it('have parameters under two names', () => {
    const network = new nn.LSTM(2, 3, { direction: 'bidirectional' });
    const cell = (network.at(0) as nn.BiRNN).cell_bw as nn.LSTMCell;
    assert.equal(network.weight_ih_l0_reverse, cell.weight_ih);
    assert.equal(network.parameters().length, 8);
    const state = {
      ...network.stateDict(),
      '0.cell_bw.weight_ih': weights(12, 2),
      weight_ih_l0_reverse: weights(12, 2),
    };
    assert.deepEqual(network.setStateDict(state), { missingKeys: [], unexpectedKeys: [] });
    assert.deepEqual(elements(cell.weight_ih), elements(weights(12, 2)));
  });

  it('have constant parameters where attributes are false', () => {
    const network = new nn.SimpleRNN(2, 1, { weightHhAttr: false, biasIhAttr: false });
    const cell = (network.at(0) as nn.RNN<Tensor>).cell as nn.SimpleRNNCell;
    assertTensor(cell.weight_hh, [1, 1], [1]);
    assertTensor(cell.bias_ih, [1], [0]);
    assert.deepEqual([cell.weight_hh.trainable, cell.bias_ih.trainable], [false, false]);
    assert.equal(network.parameters().filter(({ trainable }) => trainable).length, 2);
  });

  it('give outputs of 0 beyond the end, whatever the padding holds', () => {
    const network = new nn.GRU(2, 3, { direction: 'bidirect' });
    const padded = tf.tensor3d([1, 2, NaN, NaN], [1, 2, 2]);
    const [outputs, states] = network.forward(padded, null, tf.tensor1d([1], 'int32'));
    const [alone, final] = network.forward(tf.tensor3d([1, 2], [1, 1, 2]));
    assertTensor(outputs, [1, 2, 6], [...elements(alone), 0, 0, 0, 0, 0, 0]);
    assertTensor(states, [2, 1, 3], elements(final));
  });

  it('keep nothing but their results without a tape', () => {
    const network = new nn.LSTM(2, 3, { numLayers: 2, direction: 'bidirect' });
    const given = x();
    const before = tf.memory().numTensors;
    noGrad(() => network.forward(given, null, lengths()).flat());
    assert.equal(tf.memory().numTensors, before + 4);
  });

  it('run no hooks of their cells, which an RNN does', () => {
    const network = new nn.GRU(2, 3);
    let calls = 0;
    const rnn = only(network) as nn.RNN<Tensor>;
    rnn.cell.registerForwardPreHook(() => void calls++);
    network.forward(x());
    assert.equal(calls, 0);
    rnn.forward(x());
    assert.equal(calls, 3);
  });
});

describe('recurrent layers refuse', () => {
  const pair = tf.zeros([1, 2, 3]);
  const cases: Readonly<Record<string, [() => unknown, RegExp]>> = {
    'hiddenSize 0': [() => new nn.GRUCell(2, 0), /hiddenSize must be a positive integer, got 0/],
    'a negative inputSize': [() => new nn.GRU(-1, 2), /inputSize must be a non-negative integer, got -1/],
    'projSize as hiddenSize': [
      () => new nn.LSTM(2, 3, { projSize: 3 }),
      /projSize must be smaller than hiddenSize 3, got 3/,
    ],
    'a negative projSize': [() => new nn.LSTMCell(2, 3, { projSize: -1 }), /projSize must be a non-negative integer/],
    'projSize of a GRU': [() => new nn.GRU(2, 3, { projSize: 1 } as never), /GRU has no option 'projSize'/],
    'no layers': [() => new nn.LSTM(2, 3, { numLayers: 0 }), /numLayers must be a positive integer, got 0/],
    'an unknown direction': [
      () => new nn.LSTM(2, 3, { direction: 'backward' as never }),
      /direction must be one of 'forward', 'bidirect', 'bidirectional', got "backward"/,
    ],
    'an unknown activation': [
      () => new nn.SimpleRNN(2, 3, { activation: 'sigmoid' as never }),
      /activation must be one of 'tanh', 'relu', got "sigmoid"/,
    ],
    'dropout above 1': [() => new nn.GRU(2, 3, { dropout: 2 }), /dropout must be a number between 0 and 1, got 2/],
    'what is no cell': [() => new nn.RNN(new nn.Linear(2, 3) as never), /cell must be an RNNCellBase, got .*Linear/],
    'cells of two input sizes': [
      () => new nn.BiRNN(new nn.GRUCell(2, 3), new nn.GRUCell(1, 3)),
      /cellFw and cellBw must take inputs of one size, got 2 and 1/,
    ],
    'one state for two directions': [
      () => new nn.BiRNN(new nn.GRUCell(2, 3), new nn.GRUCell(2, 3)).forward(x(), [tf.zeros([2, 3])] as never),
      /initialStates must be a list of the states of both cells/,
    ],
    'a cell without stateShape': [
      () => new nn.RNNCellBase().getInitialStates(x()),
      /RNNCellBase must define stateShape/,
    ],
    'a batch axis that is not there': [
      () => new nn.GRUCell(2, 3).getInitialStates(x(), { batchDimIdx: 3 }),
      /batchDimIdx must be an axis of batchRef \[2, 3, 2\], got 3/,
    ],
    'sequences for a cell': [() => new nn.LSTMCell(2, 3).forward(x()), /LSTMCell takes inputs of 2 axes, got shape/],
    'one step for a network': [() => new nn.LSTM(2, 3).forward(tf.zeros([2, 2])), /LSTM takes inputs of 3 axes/],
    'other features': [
      () => new nn.GRU(3, 3).forward(x()),
      /GRU takes inputs of 3 features in the last axis, got shape \[2, 3, 2\]/,
    ],
    'no time steps': [
      () => new nn.GRU(2, 3).forward(tf.zeros([2, 0, 2])),
      /GRU takes inputs of at least one time step/,
    ],
    'states of another batch': [
      () => new nn.GRU(2, 3).forward(x(), tf.zeros([1, 3, 3])),
      /GRU takes initialStates of shape \[1, 2, 3\], got Tensor of shape \[1, 3, 3\]/,
    ],
    'one state of an LSTM': [
      () => new nn.LSTM(2, 3).forward(x(), pair as never),
      /LSTM takes initialStates of shape \[1, 2, 3\] and \[1, 2, 3\], got Tensor/,
    ],
    'three states of an LSTM': [
      () => new nn.LSTM(2, 3).forward(x(), [pair, pair, pair] as never),
      /LSTM takes initialStates of shape \[1, 2, 3\] and \[1, 2, 3\], got \[/,
    ],
    'states of a cell of another size': [
      () => new nn.GRUCell(2, 3).forward(tf.zeros([2, 2]), tf.zeros([2, 2])),
      /GRUCell takes states of shape \[2, 3\], got Tensor of shape \[2, 2\]/,
    ],
    'lengths for another batch': [
      () => new nn.GRU(2, 3).forward(x(), null, tf.tensor1d([1], 'int32')),
      /sequenceLength must be a tensor of shape \[2\], one length for each sequence, got Tensor of shape \[1\]/,
    ],
  };
  for (const [what, [call, message]] of Object.entries(cases)) {
    it(what, () => {
      assert.throws(call, message);
    });
  }
});
