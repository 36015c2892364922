// Trains a network of vision.models on CIFAR-10: npx tsx examples/resnet50-cifar10.ts [--model vgg16]
import { Model, seed } from 'paddlewheel';
import { Accuracy } from 'paddlewheel/metric';
import { CrossEntropyLoss, Sequential, type AnyLayer } from 'paddlewheel/nn';
import { Momentum } from 'paddlewheel/optimizer';
import { L2Decay } from 'paddlewheel/regularizer';
import { setImageBackend } from 'paddlewheel/vision';
import { Cifar10 } from 'paddlewheel/vision/datasets';
import { LeNet, resnet50, vgg16 } from 'paddlewheel/vision/models';
import { Compose, Grayscale, Resize, ToTensor, Transpose } from 'paddlewheel/vision/transforms';
import { readCifarArguments } from './support/cifar-arguments.js';
import { limited } from './support/limit.js';

const networks: Record<string, () => AnyLayer> = {
  resnet50: () => resnet50({ pretrained: false, numClasses: 10 }),
  vgg16: () => vgg16({ pretrained: false, numClasses: 10 }),
  LeNet: () => new LeNet({ numClasses: 10 }),
};
const options = readCifarArguments(
  'Trains a network of vision.models on CIFAR-10 and prints its accuracy on the test images.',
  { epochs: 50, batchSize: 64, workers: 8, output: './output' },
  Object.keys(networks),
);
seed(1);
setImageBackend('cv2');

// LeNet takes images of one channel, 28 pixels high and wide.
const transform =
  options.model === 'LeNet' ? new Compose([new Resize(28), new Grayscale(), new ToTensor()]) : new Transpose();
const files = options.data === undefined ? {} : { dataFile: options.data };
const trainDataset = limited(new Cifar10({ mode: 'train', transform, ...files }), options.limit);
const valDataset = limited(new Cifar10({ mode: 'test', transform, ...files }), options.limit);

const model = new Model(networks[options.model]?.() ?? new Sequential());
const optimizer = new Momentum({
  learningRate: 0.01,
  momentum: 0.9,
  weightDecay: new L2Decay(1e-4),
  parameters: model.parameters(),
});
model.prepare(optimizer, new CrossEntropyLoss(), new Accuracy({ topk: [1, 5] }));
const history = await model.fit(trainDataset, valDataset, {
  epochs: options.epochs,
  batchSize: options.batchSize,
  saveDir: options.output,
  numWorkers: options.workers,
  resume: options.resume,
  stopOnSignal: true,
  verbose: 1,
});

const accuracy = history.epochs.at(-1)?.val?.metrics.acc_top1;
console.log(`Test accuracy: ${(100 * Number(accuracy)).toFixed(2)} %`);
