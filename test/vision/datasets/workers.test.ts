import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import '../../support/setup.js';
import { seed } from '../../../src/common/random.js';
import { DataLoader, type Dataset } from '../../../src/io/index.js';
import { Cifar10, DatasetFolder, Flowers, VOC2012 } from '../../../src/vision/datasets/index.js';
import { setImageBackend } from '../../../src/vision/index.js';
import {
  CenterCrop,
  ColorJitter,
  Compose,
  Grayscale,
  Normalize,
  Pad,
  RandomAffine,
  RandomCrop,
  RandomErasing,
  RandomHorizontalFlip,
  RandomPerspective,
  RandomResizedCrop,
  RandomRotation,
  RandomVerticalFlip,
  Resize,
  ToTensor,
} from '../../../src/vision/transforms/index.js';
import { cifarPickle, tarGz } from './archives.js';
import { writeFlowers } from './flowers-files.js';
import { writeVoc } from './voc-files.js';

/** Every transform, so that each has to get into a worker. */
const everything = () =>
  new Compose([
    new RandomCrop(32, { padding: 4 }),
    new RandomHorizontalFlip(),
    new RandomVerticalFlip(),
    new ColorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 }),
    new RandomRotation(15),
    new RandomAffine(5, { translate: [0.1, 0.1] }),
    new RandomPerspective(),
    new Pad(2),
    new Resize(40),
    new CenterCrop(36),
    new RandomResizedCrop(24),
    new Grayscale({ numOutputChannels: 3 }),
    new ToTensor(),
    new RandomErasing({ value: 'random' }),
    new Normalize({ mean: 0.5, std: 0.25 }),
  ]);

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'paddlewheel-'));
  const image = (start: number, length: number) => Uint8Array.from({ length }, (_, i) => (start + i * 7) % 256);
  const images = Array.from({ length: 6 }, (_, i) => image(i, 3072));
  const pickle = cifarPickle(images, 'labels', [0, 1, 2, 3, 4, 5]);
  await writeFile(path.join(folder, 'cifar.tar.gz'), tarGz([{ name: 'data_batch_1', data: pickle }]));
  for (const name of ['a', 'b']) {
    await mkdir(path.join(folder, 'images', name), { recursive: true });
    for (let i = 0; i < 3; i++) {
      const file = path.join(folder, 'images', name, `${i}.ppm`);
      await writeFile(file, Buffer.concat([Buffer.from('P6 40 36 255\n'), image(i, 40 * 36 * 3)]));
    }
  }
});
after(() => rm(folder, { recursive: true, force: true }));
afterEach(() => setImageBackend('pil'));

/** The numbers of all batches of a pass. */
async function pass(dataset: Dataset, numWorkers: number): Promise<number[][]> {
  seed(11);
  const batches: number[][] = [];
  const loader = new DataLoader(dataset, { batchSize: 2, shuffle: true, numWorkers });
  for await (const batch of loader) {
    for (const tensor of batch as { dataSync(): ArrayLike<number> }[]) batches.push(Array.from(tensor.dataSync()));
  }
  return batches;
}

describe('image data sets in workers', () => {
  it('give the same with and without', async () => {
    const dataFile = path.join(folder, 'cifar.tar.gz');
    for (const [backend, make] of [
      ['cv2', () => new Cifar10({ dataFile, transform: everything() })],
      ['pil', () => new DatasetFolder(path.join(folder, 'images'), { transform: everything() })],
    ] as const) {
      setImageBackend(backend);
      const alone = await pass(make(), 0);
      assert.equal(alone.length, 6);
      assert.deepEqual(await pass(make(), 2), alone);
    }
  });

  it('read files by themselves', async () => {
    const files = await writeFlowers(folder, 6, { tstid: [6, 5, 4, 3, 2, 1] });
    const dataFile = await writeVoc(path.join(folder, 'voc.tar'), { trainval: [1, 2, 3, 4, 5, 6] });
    const transform = new Compose([new Resize([40, 40]), everything()]);
    for (const make of [
      () => new Flowers({ ...files, transform, backend: 'cv2' }),
      () => new VOC2012({ dataFile, transform, backend: 'cv2' }),
    ]) {
      const alone = await pass(make(), 0);
      assert.equal(alone.length, 6);
      assert.deepEqual(await pass(make(), 1), alone);
    }
  });
});
