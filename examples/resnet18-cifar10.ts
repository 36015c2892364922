// A recipe that trains ResNet-18 on CIFAR-10 in few epochs: npx tsx examples/resnet18-cifar10.ts
import { Model, seed } from 'paddlewheel';
import { Accuracy } from 'paddlewheel/metric';
import { CrossEntropyLoss } from 'paddlewheel/nn';
import { lr, Momentum } from 'paddlewheel/optimizer';
import { Cifar10 } from 'paddlewheel/vision/datasets';
import { resnet18 } from 'paddlewheel/vision/models';
import { Compose, Normalize, RandomCrop, RandomHorizontalFlip, ToTensor } from 'paddlewheel/vision/transforms';
import { readCifarArguments } from './support/cifar-arguments.js';
import { limited } from './support/limit.js';

const options = readCifarArguments(
  'Trains ResNet-18 on CIFAR-10, with crops, flips and one cycle of the learning rate, and prints its test accuracy.',
  { epochs: 6, batchSize: 128, workers: 1, output: './output/resnet18-cifar10' },
  ['resnet18'],
);
const start = performance.now();
seed(1);

const toNumbers = [
  new ToTensor(),
  new Normalize({ mean: [0.4914, 0.4822, 0.4465], std: [0.2471, 0.2435, 0.2616] }),
] as const;
const augmented = new Compose([new RandomCrop(32, { padding: 4 }), new RandomHorizontalFlip(), ...toNumbers]);
const files = options.data === undefined ? {} : { dataFile: options.data };
const train = new Cifar10({ mode: 'train', transform: augmented, ...files });
const test = new Cifar10({ mode: 'test', transform: new Compose([...toNumbers]), ...files });
const trainDataset = limited(train, options.limit);
const testDataset = limited(test, options.limit);
await trainDataset.prepare();

// The schedule steps after each batch.
const steps = options.epochs * Math.ceil(trainDataset.length / options.batchSize);
const learningRate = new lr.OneCycleLR(0.1, steps);
const model = new Model(resnet18({ numClasses: 10 }));
model.prepare(
  new Momentum({
    learningRate,
    momentum: 0.9,
    useNesterov: true,
    weightDecay: 5e-4,
    parameters: model.parameters(),
  }),
  new CrossEntropyLoss(),
  new Accuracy(),
);
await model.fit(trainDataset, null, {
  epochs: options.epochs,
  batchSize: options.batchSize,
  saveDir: options.output,
  numWorkers: options.workers,
  resume: options.resume,
  stopOnSignal: true,
  verbose: 1,
});

const { acc } = await model.evaluate(testDataset, { batchSize: 500, verbose: 0 });
console.log(`Test accuracy: ${(100 * Number(acc)).toFixed(2)} %`);
console.log(`Time:          ${((performance.now() - start) / 60_000).toFixed(1)} min`);
