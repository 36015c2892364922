import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { assertClose, describeOracle, fill } from '../support/oracle.js';
import { noGrad } from '../../src/autograd/index.js';
import { DataLoader, Subset } from '../../src/io/index.js';
import { accuracy } from '../../src/metric/index.js';
import { Conv2D, CrossEntropyLoss, functional as F, Layer, Linear, MaxPool2D } from '../../src/nn/index.js';
import { Momentum } from '../../src/optimizer/index.js';
import { mean, reshape } from '../../src/tensor/index.js';
import { MNIST } from '../../src/vision/datasets/index.js';
import { ToTensor } from '../../src/vision/transforms/index.js';

/** The network of the hand-written example, under the names that it has in Paddle. */
class HandWrittenLeNet extends Layer {
  conv1 = new Conv2D(1, 6, 5);
  max_pool1 = new MaxPool2D(2, 2);
  conv2 = new Conv2D(6, 16, 5);
  max_pool2 = new MaxPool2D(2, 2);
  conv3 = new Conv2D(16, 120, 4);
  fc1 = new Linear(120, 64);
  fc2 = new Linear(64, 10);

  override forward(x: Tensor): Tensor {
    x = this.max_pool1.forward(F.sigmoid(this.conv1.forward(x)));
    x = this.max_pool2.forward(this.conv2.forward(F.sigmoid(x)));
    x = reshape(this.conv3.forward(x), [x.shape[0] ?? 0, -1]);
    return this.fc2.forward(F.sigmoid(this.fc1.forward(x)));
  }
}

type LayerLine = [className: string, output: number[], ...parameters: number[][]];

/** The job has one case, its fields. */
interface HandWrittenRun {
  readonly first: number;
  readonly losses: number[];
  readonly noise: number[];
  readonly accuracy: number;
  readonly loss: number;
  readonly sublayers: LayerLine[];
  readonly keys: string[];
}

/** `count` samples from `first`, in batches of ten, in order. */
function batches(mode: 'train' | 'test', first: number, count: number) {
  const dataset = new MNIST({ mode, transform: new ToTensor() });
  const indices = Array.from({ length: count }, (_, i) => first + i);
  return new DataLoader(new Subset(dataset, indices), { batchSize: 10 });
}

describeOracle<unknown>('mnist', (name, part) => {
  const run = { [name]: part } as unknown as HandWrittenRun;
  return checks[name as keyof HandWrittenRun]?.(run);
});

let trained: Promise<{ network: HandWrittenLeNet; losses: number[] }> | undefined;
let first = 0;

/** The network after 60 steps, trained once for all cases. */
function train(): Promise<{ network: HandWrittenLeNet; losses: number[] }> {
  trained ??= (async () => {
    const network = new HandWrittenLeNet();
    fill(network);
    const optimizer = new Momentum({ learningRate: 0.001, momentum: 0.9, parameters: network.parameters() });
    const losses: number[] = [];
    for await (const [image, label] of batches('train', first, 600)) {
      const loss = mean(new CrossEntropyLoss({ reduction: 'none' }).forward(network.forward(image), label));
      losses.push(loss.item());
      loss.backward();
      optimizer.step();
      optimizer.clearGrad();
    }
    network.eval();
    return { network, losses };
  })();
  return trained;
}

/** Mean over the batches of 500 test images. */
async function validate(value: (logits: Tensor, label: Tensor) => Tensor): Promise<number> {
  const { network } = await train();
  const values: number[] = [];
  for await (const [image, label] of batches('test', first, 500)) {
    values.push(noGrad(() => value(network.forward(image), label).item()));
  }
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}

const checks: Partial<Record<keyof HandWrittenRun, (run: HandWrittenRun) => void | Promise<void>>> = {
  first(run) {
    ({ first } = run);
  },
  async losses({ losses }) {
    const own = await train();
    losses.forEach((wanted, step) => assertClose(own.losses[step] ?? NaN, wanted, 1e-4, `loss of step ${step}`));
  },
  async accuracy(run) {
    const own = await validate((logits, label) => accuracy(F.softmax(logits), label));
    assertClose(own, run.accuracy, 1e-5, 'accuracy');
  },
  async loss(run) {
    const crossEntropy = new CrossEntropyLoss({ reduction: 'none' });
    const own = await validate((logits, label) => mean(crossEntropy.forward(logits, label)));
    assertClose(own, run.loss, 1e-4, 'loss');
  },
  sublayers({ sublayers }) {
    let x: Tensor = tf.zeros([3, 1, 28, 28]);
    const lines = (new HandWrittenLeNet().sublayers() as Layer[]).map((layer): LayerLine => {
      if (layer instanceof Linear && x.rank === 4) x = reshape(x, [3, -1]);
      x = layer.forward(x);
      return [layer.constructor.name, x.shape, ...layer.parameters().map(({ shape }) => shape)];
    });
    assert.deepEqual(lines, sublayers);
  },
  keys({ keys }) {
    assert.deepEqual(Object.keys(new HandWrittenLeNet().stateDict()), keys);
  },
};
