// Trains LeNet on MNIST with the high-level API: npx tsx examples/lenet-mnist.ts
import path from 'node:path';
import { Model, seed } from 'paddlewheel';
import { info } from 'paddlewheel/device';
import { Accuracy } from 'paddlewheel/metric';
import { CrossEntropyLoss } from 'paddlewheel/nn';
import { Adam, lr } from 'paddlewheel/optimizer';
import { MNIST } from 'paddlewheel/vision/datasets';
import { LeNet } from 'paddlewheel/vision/models';
import { ToTensor } from 'paddlewheel/vision/transforms';
import { readArguments } from './support/arguments.js';
import { limited } from './support/limit.js';

const { epochs, limit, output } = readArguments('Trains LeNet on MNIST and prints its accuracy on the test images.', {
  epochs: 5,
  output: 'output/lenet-mnist',
});
const start = performance.now();
seed(1);

const train = limited(new MNIST({ mode: 'train', transform: new ToTensor() }), limit);
const test = limited(new MNIST({ mode: 'test', transform: new ToTensor() }), limit);

// The rate halves after each epoch of 938 batches.
const learningRate = new lr.StepDecay(0.002, 938, { gamma: 0.5 });
const model = new Model(new LeNet());
model.prepare(new Adam({ learningRate, parameters: model.parameters() }), new CrossEntropyLoss(), new Accuracy());
console.log(`Training LeNet on the ${info().engine} engine`);
await model.fit(train, undefined, { epochs, batchSize: 64, saveDir: output, verbose: 1 });

const { acc } = await model.evaluate(test, { batchSize: 1000, verbose: 0 });
console.log(`Test accuracy: ${(100 * Number(acc)).toFixed(2)} %`);
console.log(`Checkpoint:    ${path.resolve(output, 'final.pdparams')}`);
console.log(`Time:          ${((performance.now() - start) / 1000).toFixed(1)} s`);
