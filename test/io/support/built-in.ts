import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Dataset } from '../../../src/io/index.js';
import { FashionMNIST, MNIST } from '../../../src/vision/datasets/index.js';
import { Compose, Normalize, ToTensor } from '../../../src/vision/transforms/index.js';

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
const transform = () => new Compose([new ToTensor(), new Normalize({ mean: 0.5, std: 0.25 })]);

/** Every built-in data set, with at least eight samples. */
export const builtInDatasets: readonly (() => Promise<Dataset>)[] = [
  async () => new MNIST({ ...(await idxFiles()), transform: transform() }),
  async () => new FashionMNIST({ ...(await idxFiles()), transform: transform(), backend: 'cv2' }),
];
