import path from 'node:path';
import { FileFormatError } from '../../common/errors.js';
import { NdArray } from '../../common/ndarray.js';
import { checkIndex } from '../../io/dataset.js';
import type { ImageBackend } from '../image-backend.js';
import { decodeImage } from '../image-files/decode.js';
import { readPngIndices } from '../image-files/png-indices.js';
import { Image } from '../image.js';
import type { Transform } from '../transforms/transform.js';
import { dataHome, locate, type DatasetFile } from './sources.js';
import { SplitDataset, type SplitMode } from './split-dataset.js';
import { indexTar, readRanges } from './tar.js';

/** Options of {@link VOC2012}. */
export interface VOC2012Options<Output> {
  /** Archive of the data set, `VOCtrainval_11-May-2012.tar`. @defaultValue downloaded */
  readonly dataFile?: string | null;
  /**
   * The list of images: 'train' is VOC's `trainval` (2,913 images), 'valid' its `val` (1,449) and 'test' its `train` (1,464).
   * @defaultValue 'train'
   */
  readonly mode?: 'train' | 'valid' | 'test';
  /** Applied to each image, not to the masks. @defaultValue none */
  readonly transform?: Transform<Output> | null;
  /** Whether the file may be downloaded when it is not given. @defaultValue true */
  readonly download?: boolean;
  /** What images and masks are: 'pil' or 'cv2'. @defaultValue that of `setImageBackend` */
  readonly backend?: ImageBackend | null;
}

const archiveFile: DatasetFile = {
  name: 'VOCtrainval_11-May-2012.tar',
  url: 'https://dataset.bj.bcebos.com/voc/VOCtrainval_11-May-2012.tar',
  md5: '6cd6e144f989b92b3379bac3b3de84fd',
};

/** VOC's list of each part, as Paddle uses them: images for testing are among those for training. */
const lists: Readonly<Record<SplitMode, string>> = { train: 'trainval', valid: 'val', test: 'train' };

const root = 'VOCdevkit/VOC2012';
const imageOf = (name: string) => `${root}/JPEGImages/${name}.jpg`;
const maskOf = (name: string) => `${root}/SegmentationClass/${name}.png`;

/** What a VOC data set has loaded. */
interface VOCFiles {
  readonly archive: string;
  readonly names: readonly string[];
  /** Of each sample, where the image starts in the archive, its bytes, where the mask starts, its bytes. */
  readonly ranges: Float64Array;
}

/**
 * PASCAL VOC 2012: photographs and, of each, which object every pixel belongs to (Everingham et al., 2012).
 *
 * A sample is `[image, mask]`. The image is an {@link Image} of the photograph, with the backend 'cv2' an array [height, width,
 * 3] of floats in [0, 255], or what the transform makes of it (with 'cv2' the transform gets bytes). The mask is an `Image` of
 * one channel, with 'cv2' an array [height, width] of floats: 0 for the background, 1 to 20 for the classes, 255 for borders.
 *
 * The archive is not unpacked: `prepare` notes where its files are, and a sample reads its two. An archive that is not given
 * comes from the cache or Paddle's host.
 *
 * @typeParam Output - what the transform makes of an image
 */
export class VOC2012<Output = Image | NdArray<'float32'>> extends SplitDataset<
  [image: Output, mask: Image | NdArray<'float32'>],
  VOCFiles,
  Output,
  'dataFile'
> {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;

  readonly #dataFile: string | null | undefined;

  /** @throws `FileNotFoundError`, `FileFormatError` or `DownloadError` from `prepare` */
  constructor(options: VOC2012Options<Output> = {}) {
    super(options, ['dataFile'], ['train', 'valid', 'test']);
    this.#dataFile = options.dataFile;
  }

  get length(): number {
    return this.loaded.names.length;
  }

  async getItem(index: number): Promise<[image: Output, mask: Image | NdArray<'float32'>]> {
    const { archive, names, ranges } = this.loaded;
    checkIndex(index, names.length);
    const range = (at: number) => ({ start: ranges[4 * index + at] ?? 0, size: ranges[4 * index + at + 1] ?? 0 });
    const [photograph = new Uint8Array(), png = new Uint8Array()] = await readRanges(archive, [range(0), range(2)]);
    const name = names[index] ?? '';
    const where = (member: string) => `${archive}: ${member}`;
    const decoded = await decodeImage(photograph, { path: where(imageOf(name)), rgb: false, like: 'pillow' });
    const image = new Image(decoded.data, decoded.width, decoded.height, decoded.channels);
    const { data, width, height } = readPngIndices(png, where(maskOf(name)));
    const mask =
      this.backend === 'pil'
        ? new Image(data, width, height, 1)
        : new NdArray<'float32'>(Float32Array.from(data), [height, width]);
    return [this.transformed(image), mask];
  }

  /** @hidden */
  protected async load(): Promise<VOCFiles> {
    const archive = this.#dataFile ?? (await locate(archiveFile, path.join(dataHome(), 'voc2012')));
    const index = await indexTar(archive);
    const find = (member: string) => {
      const range = index.get(member);
      if (range) return range;
      throw new FileFormatError(archive, `${archive} has no member ${member}`);
    };
    const [list] = await readRanges(archive, [find(`${root}/ImageSets/Segmentation/${lists[this.mode]}.txt`)]);
    const lines = Buffer.from(list ?? [])
      .toString('utf8')
      .split('\n');
    const names = lines.map((line) => line.trim()).filter((line) => line !== '');
    const ranges = names.flatMap((name) => {
      const [image, mask] = [find(imageOf(name)), find(maskOf(name))];
      return [image.start, image.size, mask.start, mask.size];
    });
    return { archive, names, ranges: Float64Array.from(ranges) };
  }
}
