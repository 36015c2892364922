import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FileFormatError } from '../../common/errors.js';
import { NdArray } from '../../common/ndarray.js';
import { checkIndex } from '../../io/dataset.js';
import type { ImageBackend } from '../image-backend.js';
import { imageLoad } from '../image-load.js';
import type { Image } from '../image.js';
import type { Transform } from '../transforms/transform.js';
import { readMatIntegers } from './mat-file.js';
import { dataHome, locate, type DatasetFile } from './sources.js';
import { SplitDataset, type SplitMode } from './split-dataset.js';
import { unpackTarGz } from './tar.js';

/** Options of {@link Flowers}. */
export interface FlowersOptions<Output> {
  /** Archive of the images, `102flowers.tgz`; it is unpacked beside itself. @defaultValue downloaded */
  readonly dataFile?: string | null;
  /** Classes of the images, `imagelabels.mat`. @defaultValue downloaded */
  readonly labelFile?: string | null;
  /** Numbers of the images of each part, `setid.mat`. @defaultValue downloaded */
  readonly setidFile?: string | null;
  /** The 6,149 images for training, the 1,020 for validation or the 1,020 for testing. @defaultValue 'train' */
  readonly mode?: 'train' | 'valid' | 'test';
  /** Applied to each image. @defaultValue none */
  readonly transform?: Transform<Output> | null;
  /** Whether a file that is not given may be downloaded. @defaultValue true */
  readonly download?: boolean;
  /** What images are: 'pil' or 'cv2'. @defaultValue that of `setImageBackend` */
  readonly backend?: ImageBackend | null;
}

/** Array of `setid.mat` of each part. The authors test with the greater part; as in Paddle it is for training here. */
const flags: Readonly<Record<SplitMode, string>> = { train: 'tstid', valid: 'valid', test: 'trnid' };

const host = 'http://paddlemodels.bj.bcebos.com/flowers/';
const datasetFile = (name: string, md5: string): DatasetFile => ({ name, url: `${host}${name}`, md5 });
const archiveFile = datasetFile('102flowers.tgz', '52808999861908f626f3c1f4e79d11fa');
const labelsFile = datasetFile('imagelabels.mat', 'e0620be6f572b9609742df49c70aed4d');
const setidsFile = datasetFile('setid.mat', 'a5357ecc9cb78c4bef273ce3793fc85c');

/** Folder of an archive's images, beside it. */
function folderOf(archive: string): string {
  const plain = archive.replace(/\.(?:tgz|tar\.gz)$/i, '');
  return plain === archive ? `${archive}.unpacked` : plain;
}

/** Unpacks the images of an archive: all of them, or none when that fails or is broken off. */
async function unpack(archive: string, folder: string): Promise<void> {
  const target = path.join(folder, 'jpg');
  const unique = `${process.pid}.${randomBytes(4).toString('hex')}`;
  const temporary = path.join(path.dirname(folder), `.${path.basename(folder)}.${unique}.tmp`);
  try {
    let count = 0;
    await unpackTarGz(archive, async ({ name, data }) => {
      const file = /^(?:\.\/)?jpg\/(image_\d+\.jpg)$/.exec(name)?.[1];
      if (file === undefined) return;
      if (count++ === 0) await mkdir(temporary, { recursive: true });
      await writeFile(path.join(temporary, file), data);
    });
    if (count === 0) throw new FileFormatError(archive, `${archive} holds no images jpg/image_NUMBER.jpg`);
    await mkdir(folder, { recursive: true });
    await rename(temporary, target).catch((error: unknown) => {
      // Another process may have been quicker.
      if (!existsSync(target)) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** What a flower data set has loaded. */
interface FlowerFiles {
  /** Folder of the images. */
  readonly folder: string;
  /** Number of the image of each sample, and its class. */
  readonly numbers: Int32Array;
  readonly labels: Int32Array;
}

/**
 * Oxford 102 Flowers: photographs of flowers (Nilsback and Zisserman, 2008).
 *
 * A sample is `[image, label]`: an {@link Image} of the photograph, with the backend 'cv2' an array [height, width, 3] of floats
 * in [0, 255], or what the transform makes of it (with 'cv2' the transform gets bytes); and the class, **1 to 102**, as an array
 * [1] of int32. Images have different sizes. Subtract 1 from the labels for a loss over 102 classes.
 *
 * `prepare` unpacks the archive once, into a folder of its name beside it, and images are decoded when a sample is asked for.
 * Files that are not given come from the cache or Paddle's host.
 *
 * @typeParam Output - what the transform makes of an image
 */
export class Flowers<Output = Image | NdArray<'float32'>> extends SplitDataset<
  [image: Output, label: NdArray<'int32'>],
  FlowerFiles,
  Output,
  'dataFile' | 'labelFile' | 'setidFile'
> {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;

  readonly #paths: Pick<FlowersOptions<Output>, 'dataFile' | 'labelFile' | 'setidFile'>;

  /** @throws `FileNotFoundError`, `FileFormatError` or `DownloadError` from `prepare` */
  constructor(options: FlowersOptions<Output> = {}) {
    super(options, ['dataFile', 'labelFile', 'setidFile'], ['train', 'valid', 'test']);
    this.#paths = options;
  }

  get length(): number {
    return this.loaded.numbers.length;
  }

  async getItem(index: number): Promise<[image: Output, label: NdArray<'int32'>]> {
    const { folder, numbers, labels } = this.loaded;
    checkIndex(index, numbers.length);
    const name = `image_${String(numbers[index]).padStart(5, '0')}.jpg`;
    const image = await imageLoad(path.join(folder, name), 'pil');
    return [this.transformed(image), new NdArray(Int32Array.of(labels[index] ?? 0), [1])];
  }

  /** @hidden */
  protected async load(): Promise<FlowerFiles> {
    const cache = path.join(dataHome(), 'flowers');
    const { dataFile, labelFile, setidFile } = this.#paths;
    const labelPath = labelFile ?? (await locate(labelsFile, cache));
    const setidPath = setidFile ?? (await locate(setidsFile, cache));
    const labels = await readMatIntegers(labelPath, 'labels');
    const numbers = await readMatIntegers(setidPath, flags[this.mode]);
    const wrong = numbers.find((number) => number < 1 || number > labels.length);
    if (wrong !== undefined) {
      throw new FileFormatError(
        setidPath,
        `${setidPath} names the image ${wrong}, but ${labelPath} has the labels of the images 1 to ${labels.length}`,
      );
    }
    const archive = dataFile ?? path.join(cache, archiveFile.name);
    const folder = folderOf(archive);
    // Images that were unpacked need no archive any more.
    if (!existsSync(path.join(folder, 'jpg'))) await unpack(dataFile ?? (await locate(archiveFile, cache)), folder);
    return { folder: path.join(folder, 'jpg'), numbers, labels: numbers.map((number) => labels[number - 1] ?? 0) };
  }
}
