import '../support/setup.js';
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { flops, InputSpec, Model, summary, type FlopsCounter, type LayerClass } from '../../src/model/index.js';
import {
  AdaptiveAvgPool1D,
  AdaptiveAvgPool2D,
  AvgPool1D,
  AvgPool2D,
  BatchNorm2D,
  Conv1D,
  Conv1DTranspose,
  Conv2D,
  Conv2DTranspose,
  Layer,
  LeakyReLU,
  Linear,
  LSTM,
  ReLU,
  Sequential,
  Tanh,
  type AnyLayer,
} from '../../src/nn/index.js';
import { captureConsole } from '../support/console.js';

/** What was printed, and what was returned. */
async function capture<T>(fn: () => T): Promise<[text: string, value: T]> {
  let value: T | undefined;
  const text = await captureConsole(() => Promise.resolve((value = fn())));
  return [text, value as T];
}

class TwoInputs extends Layer<[Tensor, Tensor], Tensor[]> {
  first = new Linear(4, 2);
  second = new Linear(3, 2);
  override forward(x: Tensor, y: Tensor): Tensor[] {
    return [this.first.forward(x), this.second.forward(y)];
  }
}

/** Takes its inputs as one argument. */
class Named extends Layer<[Record<string, Tensor>], Tensor> {
  linear = new Linear(4, 2);
  override forward(inputs: Record<string, Tensor>): Tensor {
    return this.linear.forward(inputs.x!);
  }
}

const rows = (text: string) => text.split('\n').filter((line) => /^ *\w+-\d+ /.test(line));

describe('summary', () => {
  it('takes several inputs, of given types', async () => {
    const [text, totals] = await capture(() => summary(new TwoInputs(), [[2, 4], [3]]));
    assert.deepEqual(totals, { totalParams: 18, trainableParams: 18 });
    assert.match(rows(text)[0]!, /\[\[2, 4\]\] +\[2, 2\] +10/);
    assert.match(rows(text)[1]!, /\[\[3\]\] +\[2\] +8/);
    const types: string[] = [];
    class Typed extends Layer {
      override forward(x: Tensor): Tensor {
        types.push(x.dtype);
        return x;
      }
    }
    await capture(() => summary(new Typed(), { inputSize: [2], dtypes: 'int64' }));
    await capture(() => new Model(new Typed()).summary({ inputSize: 5, dtype: 'bool' }));
    assert.deepEqual(types, ['int32', 'bool']);
  });

  it('shows a recurrent network as one layer, as Paddle does', async () => {
    class Network extends Layer {
      lstm = new LSTM(3, 4, { numLayers: 2, direction: 'bidirect' });
      linear = new Linear(8, 2);
      override forward(x: Tensor): Tensor {
        const [, [h]] = this.lstm.forward(x);
        return this.linear.forward(tf.reshape(tf.slice(h, 2), [-1, 8]));
      }
    }
    const [text, totals] = await capture(() => summary(new Network(), [2, 5, 3]));
    assert.deepEqual(totals, { totalParams: 754, trainableParams: 754 });
    assert.equal(rows(text).length, 2);
    assert.match(rows(text)[0]!, /LSTM-\d+ +\[\[2, 5, 3\]\] +\[\[2, 5, 8\], \[\[4, 2, 4\], \[4, 2, 4\]\]\] +736 /);
    const [alone] = await capture(() => summary(new LSTM(3, 6, { numLayers: 2, projSize: 2 }), [2, 5, 3]));
    assert.match(alone, /LSTM-\d+ .* 336 /);
  });

  it('takes an input in place of sizes', async () => {
    const x = tf.ones([2, 4]);
    const [text] = await capture(() => summary(new Linear(4, 2), { input: x }));
    assert.match(rows(text)[0]!, /Linear-\d+ +\[\[2, 4\]\] +\[2, 2\] +10/);
    const [named] = await capture(() => summary(new Named(), { input: { x } }));
    assert.equal(rows(named).length, 1);
    x.dispose();
  });

  it('takes the batch as unknown, and descriptions', async () => {
    const spec = new InputSpec([null, 4], { name: 'x' });
    for (const size of [spec, [spec], [null, 4], [-1, 4]]) {
      const [text] = await capture(() => summary(new Linear(4, 2), size));
      assert.match(rows(text)[0]!, /\[\[1, 4\]\] +\[1, 2\]/);
    }
    const model = new Model(new Linear(4, 2), spec);
    assert.deepEqual((await capture(() => model.summary()))[1], { totalParams: 10, trainableParams: 10 });
    assert.match((await capture(() => model.summary([7, 4])))[0], /\[\[7, 4\]\]/);
  });

  it('counts what is not trained apart, and leaves the network as it was', async () => {
    const network = new Sequential(new Conv2D(1, 2, 3), new BatchNorm2D(2), new ReLU());
    const [first] = network.parameters();
    first!.trainable = false;
    network.sublayers()[1]!.eval();
    const before = tf.memory().numTensors;
    const [text, totals] = await capture(() => summary(network, [1, 1, 5, 5]));
    assert.deepEqual(totals, { totalParams: 28, trainableParams: 6 });
    assert.match(text, /Non-trainable params: 22\n/);
    assert.equal(tf.memory().numTensors, before);
    assert.deepEqual(
      network.sublayers().map(({ training }) => training),
      [true, false, true],
    );
    const [again] = await capture(() => network.forward(tf.zeros([1, 1, 5, 5])));
    assert.equal(again, '');
  });

  const refused: readonly [what: string, size: unknown, message: RegExp][] = [
    ['two unknown lengths', [null, -1, 3], /one unknown length.*got \[null, -1, 3\]/],
    ['a length of 0', [1, 0], /inputSize must hold positive integers, got 0/],
    ['a length of text', ['1', 4], /inputSize must hold positive integers, got "1"/],
    ['a nested length', [[1, 4], [1.5]], /inputSize\[1\] must hold positive integers, got 1.5/],
    ['nothing', undefined, /summary needs inputSize or input/],
    ['an unknown type', { inputSize: [1, 4], dtypes: 'float8' }, /dtypes must be one of 'float32'.*got "float8"/],
    ['an input without tensors', { input: [1] }, /input must be a tensor, or an array or object of tensors, got \[1\]/],
    ['a misspelt option', { inputsize: 1 }, /did you mean 'inputSize'/],
  ];
  for (const [what, size, message] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(() => summary(new Linear(4, 2), size as never), message);
    });
  }

  it('refuses what is no layer, and a model whose inputs are unknown', () => {
    assert.throws(() => summary({} as never, [1]), /net must be a Layer/);
    assert.throws(() => new Model(new Linear(4, 2)).summary(), /summary needs inputSize/);
  });
});

describe('flops', () => {
  const network = () => new Sequential(new Conv2D(4, 6, 3, { groups: 2, padding: 1 }), new BatchNorm2D(6), new Tanh());

  it('counts what it knows, and says so', async () => {
    const [text, operations] = await capture(() => flops(network(), [1, 4, 5, 5]));
    // 150 outputs, each of 2 * 9 products and a bias; and two operations each for the normalisation.
    assert.equal(operations, 150 * 19 + 2 * 150);
    assert.deepEqual(text.trimEnd().split('\n'), [
      "Conv2D's flops has been counted",
      "BatchNorm2D's flops has been counted",
      'Cannot find suitable count function for Tanh. Treat it as zero FLOPs.',
      `Total Flops: ${operations}     Total Params: 138`,
    ]);
    assert.equal((await capture(() => flops(network(), [2, 4, 5, 5])))[1], 2 * operations);
    assert.equal((await capture(() => flops(new Linear(2, 3), [1, 2])))[1], 0);
  });

  it('counts transposed convolutions and the other layers as Paddle does', async () => {
    // Figures of real Paddle 3.3.1.
    const paddle: readonly (readonly [layer: AnyLayer, size: number[], operations: number])[] = [
      [new Conv2DTranspose(4, 6, 3, { groups: 2, stride: 2 }), [1, 4, 5, 5], 13794],
      [new Conv1DTranspose(4, 6, 3, { biasAttr: false }), [1, 4, 7], 648],
      [new Conv1D(4, 6, 3), [1, 4, 7], 390],
      [new LeakyReLU(), [1, 4, 7], 28],
      [new AvgPool1D(2), [1, 4, 8], 16],
      [new AvgPool2D(2), [1, 4, 8, 8], 64],
      [new AdaptiveAvgPool1D(3), [1, 4, 8], 36],
      [new AdaptiveAvgPool2D(3), [1, 4, 8, 7], 180],
    ];
    for (const [layer, size, expected] of paddle) {
      const [, operations] = await capture(() => flops(new Sequential(layer), size));
      assert.equal(operations, expected, layer.fullName());
    }
  });

  it('takes own counts, and prints a table', async () => {
    const customOps = new Map<LayerClass, FlopsCounter>([
      [Tanh, (_layer, [input], output) => input!.size + output.size],
      [BatchNorm2D, () => 7],
    ]);
    const [text, operations] = await capture(() => flops(network(), [1, 4, 5, 5], { customOps, printDetail: true }));
    assert.equal(operations, 150 * 19 + 7 + 300);
    assert.match(text, /Customize Function has been applied to Tanh\n/);
    assert.match(text, /\| +Layer Name +\| +Input Shape +\| +Output Shape +\| +Params +\| +Flops +\|\n\+-/);
    assert.match(text, /\| +conv2d_\d+ +\| \[1, 4, 5, 5\] \| \[1, 6, 5, 5\] \| +114 +\| +2850 +\|\n/);
  });

  it('refuses wrong arguments', () => {
    assert.throws(() => flops(network(), undefined as never), /inputSize must be a length.*got undefined/);
    assert.throws(() => flops(network(), [1, 4, 5, 5], { customOps: {} as never }), /customOps must be a Map/);
    assert.throws(() => flops(network(), [1], { printDetails: true } as never), /did you mean 'printDetail'/);
    assert.throws(() => flops('net' as never, [1]), /net must be a Layer, got "net"/);
  });
});
