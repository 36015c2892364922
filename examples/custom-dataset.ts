// Trains a small network on a folder of image files: npx tsx examples/custom-dataset.ts --data photos
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Model, seed } from 'paddlewheel';
import { Dataset, Subset } from 'paddlewheel/io';
import { Accuracy } from 'paddlewheel/metric';
import { CrossEntropyLoss } from 'paddlewheel/nn';
import { Adam } from 'paddlewheel/optimizer';
import { DatasetFolder } from 'paddlewheel/vision/datasets';
import { Compose, RandomCrop, RandomHorizontalFlip, Resize, type ImageLike } from 'paddlewheel/vision/transforms';
import type { NdArray } from 'paddlewheel';
import { readArguments } from './support/arguments.js';
import { drawShapes } from './support/shapes.js';
import { smallInput, smallNetwork } from './support/small-network.js';

const { epochs, limit, output, data } = readArguments(
  'Trains a small network on a folder with one folder of image files for each class.',
  { epochs: 8, output: 'output/custom-dataset' },
  { data: 'folder of the images (default: some are drawn into the output folder)' },
);
seed(1);

let folder = data;
if (folder === undefined) {
  folder = path.join(output, 'shapes');
  await drawShapes(folder, 60);
}

// A data set of your own: anything with a length and samples by index. This one makes the network's input of another's images.
class Prepared extends Dataset<[image: NdArray, target: number]> {
  constructor(
    private readonly images: Dataset<[image: ImageLike, target: number]>,
    private readonly prepareImage: Compose<NdArray>,
  ) {
    super();
  }
  get length(): number {
    return this.images.length;
  }
  async getItem(index: number): Promise<[image: NdArray, target: number]> {
    const [image, target] = await this.images.getItem(index);
    return [this.prepareImage.forward(image), target];
  }
}

const images = new DatasetFolder<ImageLike>(folder);
await images.prepare();
console.log(`${images.length} images of the classes ${images.classes.join(', ')}`);

// Every fifth image is for testing; the others are cut and flipped at random.
const indices = Array.from({ length: images.length }, (_, index) => index);
const part = (test: boolean): Subset<[image: ImageLike, target: number]> => {
  const chosen = indices.filter((index) => (index % 5 === 0) === test);
  return new Subset(images, limit === undefined ? chosen : chosen.slice(0, limit));
};
const augmented = new Compose([
  new Resize([36, 36]),
  new RandomCrop(32),
  new RandomHorizontalFlip(),
  (image: ImageLike) => smallInput.forward(image),
]);
const train = new Prepared(part(false), augmented);
const test = new Prepared(part(true), smallInput);

const model = new Model(smallNetwork(images.classes.length));
const optimizer = new Adam({ learningRate: 0.01, parameters: model.parameters() });
model.prepare(optimizer, new CrossEntropyLoss(), new Accuracy());
await model.fit(train, undefined, { epochs, batchSize: 16, saveDir: output });

const { acc } = await model.evaluate(test, { batchSize: 64, verbose: 0 });
const classes = path.join(output, 'classes.json');
await writeFile(classes, JSON.stringify(images.classes));
console.log(`Test accuracy: ${(100 * Number(acc)).toFixed(2)} %`);
console.log(`Checkpoint:    ${path.resolve(output, 'final.pdparams')}`);
console.log(`Classes:       ${path.resolve(classes)}`);
