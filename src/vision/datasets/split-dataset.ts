import { InvalidArgumentError } from '../../common/errors.js';
import type { NdArray } from '../../common/ndarray.js';
import { checkBoolean, checkChoice, checkOptions } from '../../common/options.js';
import { Dataset, prepared } from '../../io/dataset.js';
import type { Portable, WorkerCopy } from '../../io/portable.js';
import { getImageBackend, type ImageBackend } from '../image-backend.js';
import type { Image } from '../image.js';
import { applyTransform, type Transform } from '../transforms/transform.js';
import { toFloats } from './to-floats.js';

/** Part of a data set. */
export type SplitMode = 'train' | 'valid' | 'test';

/** Options that such data sets share. */
interface SharedOptions<Output> {
  readonly mode?: SplitMode;
  readonly transform?: Transform<Output> | null;
  readonly download?: boolean;
  readonly backend?: ImageBackend | null;
}

/**
 * Data sets in parts for training, validation and testing, whose images stay in files.
 *
 * @typeParam Sample - what `getItem` gives
 * @typeParam Loaded - what `prepare` reads; a copy of it goes to workers
 * @typeParam Output - what the transform makes of an image
 * @typeParam Files - options with the path of a file
 */
export abstract class SplitDataset<Sample, Loaded, Output, Files extends string>
  extends Dataset<Sample>
  implements Portable
{
  /** Part of the data set. */
  readonly mode: 'train' | 'valid' | 'test';
  /** What images are. */
  readonly backend: ImageBackend;
  readonly #options: SharedOptions<Output>;
  #loading: Promise<void> | undefined;
  #loaded: Loaded | undefined;

  /** @param files - names of the options with the path of a file */
  protected constructor(
    options: SharedOptions<Output> & Partial<Record<Files, string | null>>,
    files: readonly Files[],
  ) {
    super();
    checkOptions(new.target.name, options, [...files, 'mode', 'transform', 'download', 'backend']);
    this.mode = checkChoice('mode', options.mode?.toLowerCase() ?? 'train', ['train', 'valid', 'test']);
    this.backend = checkChoice('backend', options.backend ?? getImageBackend(), ['pil', 'cv2']);
    const mayDownload = checkBoolean('download', options.download ?? true);
    const missing = files.find((name) => options[name] == null);
    if (missing !== undefined && !mayDownload) {
      throw new InvalidArgumentError(`${missing} must be given when download is false`);
    }
    this.#options = options;
  }

  /** Finds, checks and reads the files; downloads what is nowhere. */
  override prepare(): Promise<void> {
    this.#loading ??= this.load().then(
      (loaded) => {
        this.#loaded = loaded;
      },
      (error: unknown) => {
        // Another try is possible.
        this.#loading = undefined;
        throw error;
      },
    );
    return this.#loading;
  }

  /**
   * Finds and reads what the samples need.
   *
   * @hidden
   */
  protected abstract load(): Promise<Loaded>;

  /**
   * What was read.
   *
   * @hidden
   */
  protected get loaded(): Loaded {
    return prepared(this, this.#loaded);
  }

  /** A worker gets the options, and what is loaded; it opens the files by itself. */
  toWorker(): WorkerCopy {
    return { args: [{ ...this.#options, backend: this.backend }], state: this.#loaded };
  }

  /**
   * Uses what is loaded already.
   *
   * @hidden
   */
  fromWorker(state: Loaded): void {
    this.#loaded = state;
    this.#loading = Promise.resolve();
  }

  /** What the transform makes of an image: with 'pil' of the image, with 'cv2' of its bytes, and then floats. */
  protected transformed(image: Image): Output {
    const { transform } = this.#options;
    const pil = this.backend === 'pil';
    const input: Image | NdArray<'uint8'> = pil ? image : image.toNdArray();
    const output: unknown = transform ? applyTransform(transform, input) : input;
    return (pil ? output : toFloats(output)) as Output;
  }
}
