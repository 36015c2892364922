import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Dataset } from '../../../src/io/index.js';
import { Cifar10, Cifar100, FashionMNIST, Flowers, MNIST, VOC2012 } from '../../../src/vision/datasets/index.js';
import {
  Compose,
  Normalize,
  RandomCrop,
  RandomHorizontalFlip,
  Resize,
  ToTensor,
  Transpose,
} from '../../../src/vision/transforms/index.js';
import { cifarPickle, tarGz } from '../../vision/datasets/archives.js';
import { writeFlowers } from '../../vision/datasets/flowers-files.js';
import { writeVoc } from '../../vision/datasets/voc-files.js';

/** Bytes of an IDX file. */
function idx(shape: readonly number[], bytes: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  shape.forEach((length, axis) => header.writeUInt32BE(length, 4 + 4 * axis));
  return Buffer.concat([header, bytes]);
}

let files: Promise<{ imagePath: string; labelPath: string }> | undefined;

/** Ten images of 2 x 3 pixels and their labels. */
async function writeIdxFiles(): Promise<{ imagePath: string; labelPath: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'paddlewheel-io-'));
  const [imagePath, labelPath] = [path.join(folder, 'images'), path.join(folder, 'labels')];
  await writeFile(
    imagePath,
    idx(
      [10, 2, 3],
      Uint8Array.from({ length: 60 }, (_, i) => 4 * i),
    ),
  );
  await writeFile(
    labelPath,
    idx(
      [10],
      Uint8Array.from({ length: 10 }, (_, i) => 9 - i),
    ),
  );
  return { imagePath, labelPath };
}

const idxFiles = () => (files ??= writeIdxFiles());

/** An archive of CIFAR with eight images, `member` under the name that the data set looks for. */
async function writeArchive(member: string, key: string): Promise<string> {
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'paddlewheel-io-')), 'archive.tar.gz');
  const images = Array.from({ length: 8 }, (_, i) =>
    Uint8Array.from({ length: 3072 }, (_unused, j) => (i * 31 + j) % 256),
  );
  await writeFile(file, tarGz([{ name: member, data: cifarPickle(images, key, [1, 2, 3, 4, 5, 6, 7, 8]) }]));
  return file;
}

const augment = () => new Compose([new RandomCrop(32, { padding: 4 }), new RandomHorizontalFlip(), new ToTensor()]);
const transform = () => new Compose([new ToTensor(), new Normalize({ mean: 0.5, std: 0.25 })]);

/** Every built-in data set, with at least eight samples. */
export const builtInDatasets: readonly (() => Promise<Dataset>)[] = [
  async () => new MNIST({ ...(await idxFiles()), transform: transform() }),
  async () => new FashionMNIST({ ...(await idxFiles()), transform: transform(), backend: 'cv2' }),
  async () =>
    new Cifar10({
      dataFile: await writeArchive('cifar-10-batches-py/test_batch', 'labels'),
      mode: 'test',
      transform: augment(),
      backend: 'pil',
    }),
  async () =>
    new Cifar100({
      dataFile: await writeArchive('cifar-100-python/test', 'fine_labels'),
      mode: 'test',
      transform: new Transpose(),
      backend: 'cv2',
    }),
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'paddlewheel-io-'));
    const files = await writeFlowers(folder, 8, { tstid: [8, 7, 6, 5, 4, 3, 2, 1] });
    return new Flowers({ ...files, transform: new Compose([new Resize([12, 12]), transform()]), backend: 'pil' });
  },
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'paddlewheel-io-'));
    const dataFile = await writeVoc(path.join(folder, 'voc.tar'), { trainval: [1, 2, 3, 4, 5, 6, 7, 8] });
    return new VOC2012({ dataFile, transform: transform(), backend: 'cv2' });
  },
];
