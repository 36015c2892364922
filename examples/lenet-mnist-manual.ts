// A network, a training loop and a validation loop by hand: npx tsx examples/lenet-mnist-manual.ts
import { load, mean, noGrad, reshape, save, zeros, type Tensor } from 'paddlewheel';
import { DataLoader } from 'paddlewheel/io';
import { accuracy } from 'paddlewheel/metric';
import { Conv2D, CrossEntropyLoss, Layer, Linear, MaxPool2D, functional as F } from 'paddlewheel/nn';
import { Momentum } from 'paddlewheel/optimizer';
import { MNIST } from 'paddlewheel/vision/datasets';
import { ToTensor } from 'paddlewheel/vision/transforms';
import { readArguments } from './support/arguments.js';
import { limited } from './support/limit.js';

class LeNet extends Layer {
  conv1 = new Conv2D(1, 6, 5);
  maxPool1 = new MaxPool2D(2, { stride: 2 });
  conv2 = new Conv2D(6, 16, 5);
  maxPool2 = new MaxPool2D(2, { stride: 2 });
  conv3 = new Conv2D(16, 120, 4);
  fc1 = new Linear(120, 64);
  fc2: Linear;

  constructor(numClasses = 1) {
    super();
    this.fc2 = new Linear(64, numClasses);
  }

  override forward(x: Tensor): Tensor {
    x = this.maxPool1.forward(F.sigmoid(this.conv1.forward(x)));
    x = this.maxPool2.forward(this.conv2.forward(F.sigmoid(x)));
    x = reshape(this.conv3.forward(x), [x.shape[0], -1]);
    return this.fc2.forward(F.sigmoid(this.fc1.forward(x)));
  }
}

/** Prints what each layer makes of a batch of three images. */
function describe(network: LeNet): void {
  console.log(network.sublayers().map(String).join('\n'));
  noGrad(() => {
    let x: Tensor = zeros([3, 1, 28, 28]);
    for (const layer of network.sublayers() as Layer[]) {
      if (layer instanceof Linear && x.rank === 4) x = reshape(x, [x.shape[0], -1]);
      x = layer.forward(x);
      const parameters = layer.parameters().map((parameter) => `[${parameter.shape.join(', ')}]`);
      console.log([layer.fullName(), `[${x.shape.join(', ')}]`, ...parameters].join(' '));
    }
  });
}

const { epochs, limit, output } = readArguments('Trains a LeNet with a hand-written loop on MNIST.', {
  epochs: 5,
  output: 'output/mnist.pdparams',
});

const network = new LeNet(10);
describe(network);

const optimizer = new Momentum({ learningRate: 0.001, momentum: 0.9, parameters: network.parameters() });
const lossOfEach = new CrossEntropyLoss({ reduction: 'none' });
const transform = new ToTensor();
const trainLoader = new DataLoader(limited(new MNIST({ mode: 'train', transform }), limit), {
  batchSize: 10,
  shuffle: true,
});
const validLoader = new DataLoader(limited(new MNIST({ mode: 'test', transform }), limit), { batchSize: 10 });

for (let epoch = 0; epoch < epochs; epoch++) {
  network.train();
  let batch = 0;
  for await (const [image, label] of trainLoader) {
    const loss = mean(lossOfEach.forward(network.forward(image), label));
    if (batch % 2000 === 0) console.log(`epoch: ${epoch}, batch: ${batch}, loss: ${loss.item().toFixed(4)}`);
    loss.backward();
    optimizer.step();
    optimizer.clearGrad();
    batch++;
  }

  network.eval();
  let correct = 0;
  let lossSum = 0;
  let batches = 0;
  for await (const [image, label] of validLoader) {
    noGrad(() => {
      const logits = network.forward(image);
      correct += accuracy(F.softmax(logits), label).item();
      lossSum += mean(lossOfEach.forward(logits, label)).item();
    });
    batches++;
  }
  console.log(`validation: accuracy ${(correct / batches).toFixed(4)}, loss ${(lossSum / batches).toFixed(4)}`);
}

await save(network.stateDict(), output);
console.log(`saved ${Object.keys(await load(output)).length} arrays to ${output}`);
